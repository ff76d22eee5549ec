package dev.gitopsexecutor.notify;

import dev.gitopsexecutor.model.NotifierName;
import java.util.Optional;

/**
 * What became of one message to one notifier.
 *
 * @param problem why it was not told, or not everybody there, as the end of a sentence; has no secret in it
 */
public record Told(NotifierName to, Optional<String> problem) {
    /** As a line of a log. */
    public String line() {
        return problem.map(saw -> "%s was not told: %s".formatted(to, saw)).orElseGet(() -> to + " was told");
    }
}
