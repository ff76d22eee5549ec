package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.checks.CheckResult;
import dev.gitopsexecutor.checks.CheckResult.Failed;
import dev.gitopsexecutor.checks.HealthCheck;
import dev.gitopsexecutor.checks.Vantage;
import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.io.Deadline;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Proves that a release is what runs on a host, and runs well: health, version, smoke, containers and their digests. */
final class ReleaseCheck {
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);
    private static final int SUCCESSES = 3;

    private final HostDeployment host;
    private final ReleaseRecord release;
    private final SmokeChecks.Kind kind;
    private final DeployScope scope;
    private final Cancellation cancellation;
    private final ContainerCheck containers;
    private Instant lastLook = Instant.MIN;

    ReleaseCheck(
            HostDeployment host,
            ReleaseRecord release,
            SmokeChecks.Kind kind,
            DeployScope scope,
            Cancellation cancellation) {
        this.host = host;
        this.release = release;
        this.kind = kind;
        this.scope = scope;
        this.cancellation = cancellation;
        this.containers = new ContainerCheck(host, release, release.staying(), scope, cancellation);
    }

    /** Blocks; the last result is a {@link Failed} or none is. */
    List<CheckResult> run() throws InterruptedException {
        Deadline deadline = scope.in(release.checks().deadline());
        List<CheckResult> results = new ArrayList<>(health(SUCCESSES, deadline));
        if (passed(results)) {
            results.addAll(new SmokeChecks(release, kind, scope, cancellation).on(host));
        }
        if (passed(results)) {
            Duration stability = shortest();
            results.add(
                    containers.await(stability, scope.in(deadline.remaining().plus(stability.multipliedBy(3)))));
        }
        return List.copyOf(results);
    }

    /** For how long containers must have run before this host counts as up and the next one follows. */
    private Duration shortest() {
        Duration wanted = release.checks().stability();
        Duration usual = scope.times().stability();
        return wanted.compareTo(usual) < 0 ? wanted : usual;
    }

    /**
     * Whether the containers are still those that were proven, and have run for that long; then they must still be healthy.
     * Blocks as long as they have not.
     */
    CheckResult stillRuns(Duration stability) throws InterruptedException {
        CheckResult result = containers.await(stability, scope.in(stability.multipliedBy(3)));
        if (result instanceof Failed || stability.compareTo(scope.times().stability()) <= 0) {
            return result;
        }
        CheckResult health = health(1, scope.in(scope.times().command())).getLast();
        return health instanceof Failed ? health : result;
    }

    /** What explains a failure best, besides the failure itself: the state and the end of the log of a container. */
    List<String> explanation() {
        return containers.explanation();
    }

    private List<CheckResult> health(int successes, Deadline deadline) throws InterruptedException {
        Vantage from = new Vantage(host.name().value(), host.connection()::tunnel, Optional.empty());
        var question =
                new HealthCheck.Question("health", release.checks().healthUrl(), release.wantedVersion(), successes);
        Activity waiting = host.doing("waiting for health", deadline);
        return new HealthCheck(from, scope.log()::masked, cancellation)
                .await(question, deadline, this::looked, waiting::saw);
    }

    private static boolean passed(List<CheckResult> results) {
        return !(results.getLast() instanceof Failed);
    }

    private Optional<Failed> looked() {
        Instant now = scope.clock().instant();
        if (lastLook.isAfter(now.minus(BETWEEN_LOOKS))) {
            return Optional.empty();
        }
        lastLook = now;
        return containers.fatal();
    }
}
