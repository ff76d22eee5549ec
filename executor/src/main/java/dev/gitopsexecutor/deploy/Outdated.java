package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.model.CommitSha;
import dev.gitopsexecutor.model.HostName;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Keeps an older state of the application from undoing a newer one. Pipelines are numbered in the order in which they were
 * made, which is not that of the commits: where both are known and disagree, the commits decide.
 */
final class Outdated {
    private final Origin origin;
    private final Function<CommitSha, CommitOrder> order;
    private final JobLog log;
    private final Map<CommitSha, CommitOrder> known = new HashMap<>();
    private final Set<HighWater> said = new HashSet<>();

    /** @param order how this deploy's commit stands to the given one; may take a while, is asked once for each */
    Outdated(Origin origin, Function<CommitSha, CommitOrder> order, JobLog log) {
        this.origin = origin;
        this.order = order;
        this.log = log;
    }

    /** Asks ahead of time, so that {@link #requireNewest} answers at once. */
    synchronized void learn(Map<HostName, HostState> states) {
        states.values().stream()
                .flatMap(state -> state.highWater().stream())
                .map(HighWater::sha)
                .filter(deployed -> !deployed.equals(origin.sha()))
                .forEach(deployed -> known.computeIfAbsent(deployed, order));
    }

    /** Throws {@code OUTDATED} when something newer was deployed to one of the hosts; the same commit may come again. */
    synchronized void requireNewest(Map<HostName, HostState> states) {
        states.forEach((host, state) -> state.highWater()
                .filter(deployed -> !deployed.sha().equals(origin.sha()))
                .ifPresent(deployed -> requireNotOlder(deployed, host)));
    }

    /** {@code deployed} as it stands once this is there: a newer commit of an older pipeline keeps that number, and is the commit. */
    synchronized HighWater after(HighWater deployed) {
        return known.get(deployed.sha()) == CommitOrder.NEWER
                ? new HighWater(deployed.pipeline(), origin.job(), origin.sha())
                : deployed;
    }

    private void requireNotOlder(HighWater deployed, HostName host) {
        CommitOrder commits = known.computeIfAbsent(deployed.sha(), order);
        boolean olderPipeline = origin.pipeline() < deployed.pipeline();
        Optional<String> reason = switch (commits) {
            case OLDER ->
                Optional.of("commit %s is older than %s, which job %s deployed there"
                        .formatted(origin.sha().abbreviated(), deployed.sha().abbreviated(), deployed.job()));
            case NEWER -> Optional.empty();
            case APART, UNKNOWN ->
                olderPipeline
                        ? Optional.of("the newer pipeline %d (job %s, commit %s) was deployed there already"
                                .formatted(
                                        deployed.pipeline(),
                                        deployed.job(),
                                        deployed.sha().abbreviated()))
                        : Optional.empty();
        };
        if (reason.isPresent()) {
            throw new ExecutorException(
                    new Failure(
                            FailureCode.OUTDATED,
                            "deploy commit %s of pipeline %d"
                                    .formatted(origin.sha().abbreviated(), origin.pipeline()),
                            host.value(),
                            reason.get() + "; nothing was changed",
                            "Run a new pipeline for the commit that you want there; to go back, revert the newer commit and deploy that."));
        }
        if (olderPipeline && said.add(deployed)) {
            log.fact("pipeline %d is older than %d, but its commit is newer: it may come"
                    .formatted(origin.pipeline(), deployed.pipeline()));
        }
    }
}
