package dev.gitopsexecutor.policy;

import dev.gitopsexecutor.identity.JobClaims;
import dev.gitopsexecutor.model.EnvironmentName;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * When an environment may change, and after what.
 *
 * @param freezes times in which it does not
 * @param breakGlass who may deploy in spite of a freeze, of {@code promotion} or of old secrets; nobody when empty
 * @param promotion what its images must have proven before; nothing when empty
 * @param startedByHand whether somebody must have pressed the job's own button
 * @param withoutGitLab whether a job may go on when GitLab's API does not answer
 * @param outdated whether an older pipeline may deploy over a newer one
 */
public record Gates(
        List<Freeze> freezes,
        Optional<People> breakGlass,
        Optional<Promotion> promotion,
        boolean startedByHand,
        boolean withoutGitLab,
        boolean outdated) {

    public Gates {
        freezes = List.copyOf(freezes);
    }

    /** The first freeze that holds at {@code now}, if one does. */
    Optional<Freeze> freezeAt(Instant now) {
        return freezes.stream().filter(freeze -> freeze.includes(now)).findFirst();
    }

    /** Why the glass is broken, when it is and the job was started by one for whom it may be. */
    Optional<String> glassFor(JobClaims job, Circumstances now) {
        return breakGlass.filter(people -> people.includeStarterOf(job)).flatMap(_ -> now.brokenGlass());
    }

    /**
     * That the same images were verified elsewhere before.
     *
     * @param soak how long ago at least
     */
    public record Promotion(EnvironmentName from, Duration soak) {}
}
