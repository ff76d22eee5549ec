package dev.gitopsexecutor.notify;

import dev.gitopsexecutor.model.Mention;
import dev.gitopsexecutor.model.NotifierName;
import java.util.List;

/** Whom a message is for; mentions stand in it only when it is {@link Notification#isAlarming}. */
public record Addressee(NotifierName name, List<Mention> mentions) {
    public Addressee {
        mentions = List.copyOf(mentions);
    }
}
