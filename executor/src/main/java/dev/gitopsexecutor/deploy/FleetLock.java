package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.io.Deadline;
import dev.gitopsexecutor.model.HostName;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Takes the locks of all hosts, or none: a deploy that waits for one holds no other, so that two that want the same hosts in
 * whatever order both end.
 */
final class FleetLock {
    /** Two that met take turns the sooner, the more their pauses differ; to try all locks takes a tenth of that. */
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

    private final Fleet fleet;
    private final DeployScope scope;
    private final Cancellation cancellation;

    FleetLock(Fleet fleet, DeployScope scope, Cancellation cancellation) {
        this.fleet = fleet;
        this.scope = scope;
        this.cancellation = cancellation;
    }

    /**
     * Blocks until all are ours, and says so in the log; throws {@code LOCK_HELD} when the deadline passes first, or
     * {@code CANCELED}.
     */
    void acquire() throws InterruptedException {
        try (var _ = scope.log().section("deploy_lock", "Lock")) {
            acquireAll();
            fleet.hosts().forEach(host -> scope.log().fact("%s: locked".formatted(host.name())));
        }
    }

    private void acquireAll() throws InterruptedException {
        Deadline deadline = scope.in(scope.times().lock());
        List<HostDeployment> sorted = fleet.sorted();
        Optional<HostDeployment> waitedFor = Optional.empty();
        while (true) {
            List<HostDeployment> others =
                    sorted.stream().filter(host -> !host.isLocked()).toList();
            Map<HostName, Optional<ExecutorException>> tried =
                    new Fleet(others, scope).together("locking", cancellation, this::tryLock);
            Optional<HostDeployment> held = others.stream()
                    .filter(host ->
                            Objects.requireNonNull(tried.get(host.name())).isPresent())
                    .findFirst();
            if (held.isEmpty()) {
                return;
            }
            if (deadline.hasPassed()) {
                throw Objects.requireNonNull(tried.get(held.get().name())).orElseThrow();
            }
            fleet.together("unlocking", DeployScope.never(), host -> {
                host.unlock();
                return true;
            });
            // Whoever waited in vain lets the others have their turn first.
            if (waitedFor.isPresent()) {
                var _ = cancellation.await(
                        Duration.ofMillis(ThreadLocalRandom.current().nextLong(LONGEST_PAUSE.toMillis())));
            }
            held.get().lock(cancellation, deadline.remaining());
            waitedFor = held;
        }
    }

    /** Who holds it, when somebody else does. */
    private Optional<ExecutorException> tryLock(HostDeployment host) throws InterruptedException {
        try {
            host.lock(cancellation, Duration.ZERO);
            return Optional.empty();
        } catch (ExecutorException failure) {
            if (failure.code() != FailureCode.LOCK_HELD) {
                throw failure;
            }
            return Optional.of(failure);
        }
    }
}
