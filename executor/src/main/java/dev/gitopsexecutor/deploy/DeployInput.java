package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.model.CommitSha;
import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.policy.Allowed;
import dev.gitopsexecutor.policy.EnvironmentRule;
import dev.gitopsexecutor.policy.Maintenance;
import dev.gitopsexecutor.policy.Permission;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What to deploy, and where; the Compose file's text and the secrets come later.
 *
 * @param permission the policy's yes to this environment; the repositories of its images were decided on by the caller
 * @param origin the job that the release comes from
 * @param gate what else the release must pass
 * @param container where smoke checks run their commands that name no service; without one they are left out
 */
public record DeployInput(
        Permission permission, Origin origin, DeploySpec spec, Gate gate, Optional<JobContainer> container) {

    /** As {@code allowed} asks for it. */
    public static DeployInput of(Allowed allowed, DeploySpec spec, Gate gate, JobContainer container) {
        return new DeployInput(allowed, Origin.of(allowed.identity()), spec, gate, Optional.of(container));
    }

    /** Whether it must be sure before the first change that all hosts can go back. */
    boolean needsWayBack() {
        boolean inNeed =
                permission instanceof Allowed allowed && allowed.brokenGlass().isPresent();
        return environment().wayBackRequired() && !inNeed;
    }

    /** Which smoke checks are made: an operator's new value comes with a release that was proven before. */
    SmokeChecks.Kind smoke() {
        return permission instanceof Maintenance ? SmokeChecks.Kind.AGAIN : SmokeChecks.Kind.FIRST;
    }

    EnvironmentRule environment() {
        return permission.environment();
    }

    /** Who deploys, for those who wait for it to end. */
    String who() {
        return switch (permission) {
            case Allowed _ ->
                "job %s (pipeline %d, commit %s, user %s)"
                        .formatted(origin.job(), origin.pipeline(), origin.sha().abbreviated(), origin.userLogin());
            case Maintenance maintenance -> "operator %s".formatted(maintenance.operator());
        };
    }

    /** The container of the job that deploys. */
    public interface JobContainer {
        /** Blocks until the command has ended, or was ended because its time is over or the job is canceled. */
        CommandOutcome run(List<String> command, RunningVersion release, Duration limit);
    }

    /** The last word on a release, once the digests of its images are known. */
    public interface Gate {
        /** Throws when the images may not come here; before any host is locked. */
        void require(Collection<ImageRef> images);

        /**
         * Throws when the release may not come here after all; all hosts are locked, and nothing is changed.
         *
         * @param current what each host's link names, where it names anything
         */
        void enter(RunningVersion release, Map<HostName, Optional<String>> current);

        /** How the wanted commit stands to another one that was deployed before; may block for some seconds. */
        default CommitOrder order(CommitSha deployed) {
            return CommitOrder.UNKNOWN;
        }
    }
}
