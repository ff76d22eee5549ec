package dev.gitopsexecutor.policy;

import dev.gitopsexecutor.model.DeployEvent;
import dev.gitopsexecutor.model.Mention;
import dev.gitopsexecutor.model.NotifierName;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Who is told what of an environment.
 *
 * @param to of executor.yaml
 * @param mentions only of failures
 */
public record NotifyRule(NotifierName to, Set<DeployEvent> on, List<Mention> mentions) {
    /** Unless the rule says otherwise: how it ended, and what somebody should look at. */
    public static final Set<DeployEvent> DEFAULT_EVENTS = Collections.unmodifiableSet(
            EnumSet.of(DeployEvent.SUCCEEDED, DeployEvent.FAILED, DeployEvent.ROLLED_BACK, DeployEvent.DRIFT));

    public NotifyRule {
        on = Collections.unmodifiableSet(EnumSet.copyOf(on));
        mentions = List.copyOf(mentions);
    }
}
