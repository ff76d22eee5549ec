package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.model.ReleaseId;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** How a deploy that reached its hosts ended; what fails before any change is an exception instead. */
public sealed interface DeployOutcome {
    /** The {@link #word} of one that was canceled and taken back. */
    String CANCELED = "canceled";

    /** The release that was wanted. */
    RunningVersion wanted();

    /** In the order of the policy. */
    List<HostOutcome> hosts();

    /** Why the job is red; empty when it is green. */
    default Optional<Failure> failure() {
        return switch (this) {
            case Deployed green -> Optional.empty();
            case Unchanged green -> Optional.empty();
            case NoLongerWell red -> Optional.of(red.cause());
            case RolledBack red -> Optional.of(red.cause());
            case NothingToRollBackTo red -> Optional.of(red.cause());
            case RollbackFailed red -> Optional.of(red.cause());
            case Overtaken red -> Optional.of(red.cause());
            case Mixed red -> Optional.of(red.cause());
            case Stopped red -> Optional.of(red.cause());
        };
    }

    /** One word for records. */
    default String word() {
        return switch (this) {
            case Deployed outcome -> "deployed";
            case Unchanged outcome -> "unchanged";
            case NoLongerWell outcome -> "no_longer_well";
            case RolledBack outcome -> outcome.cause().code() == FailureCode.CANCELED ? CANCELED : "rolled_back";
            case NothingToRollBackTo outcome -> "nothing_to_roll_back_to";
            case RollbackFailed outcome -> "rollback_failed";
            case Overtaken outcome -> "overtaken";
            case Mixed outcome -> "mixed";
            case Stopped outcome -> "stopped";
        };
    }

    /**
     * Every host runs the wanted release, proven.
     *
     * @param retained the releases that a host can still be put back to, the wanted one among them
     */
    record Deployed(RunningVersion wanted, List<HostOutcome> hosts, Set<ReleaseId> retained) implements DeployOutcome {}

    /** Every host ran it already; it was proven again and nothing restarted. */
    record Unchanged(RunningVersion wanted, List<HostOutcome> hosts) implements DeployOutcome {}

    /** Every host ran it already, and one of them is not well any more; nothing was changed. */
    record NoLongerWell(RunningVersion wanted, List<HostOutcome> hosts, Failure cause) implements DeployOutcome {}

    /** It failed, and every changed host runs its last verified release again, proven. */
    record RolledBack(RunningVersion wanted, List<HostOutcome> hosts, Failure cause) implements DeployOutcome {}

    /** It failed on a host that had no verified release; its new containers are stopped and removed. */
    record NothingToRollBackTo(RunningVersion wanted, List<HostOutcome> hosts, Failure cause)
            implements DeployOutcome {}

    /** It failed and so did putting the last release back; {@code cause} tells an operator what runs where. */
    record RollbackFailed(RunningVersion wanted, List<HostOutcome> hosts, Failure cause) implements DeployOutcome {}

    /** It lost the lock of hosts to another deploy, which has them now; it is back wherever it still was alone. */
    record Overtaken(RunningVersion wanted, List<HostOutcome> hosts, Failure cause) implements DeployOutcome {}

    /**
     * It failed on some hosts, which run their last verified release again or nothing; others keep the wanted one, proven,
     * as the policy has it.
     */
    record Mixed(RunningVersion wanted, List<HostOutcome> hosts, Failure cause) implements DeployOutcome {}

    /** It failed on some hosts, and all stay as they are, as the policy has it; {@code cause} tells what to do there. */
    record Stopped(RunningVersion wanted, List<HostOutcome> hosts, Failure cause) implements DeployOutcome {}
}
