package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.checks.CheckResult;
import dev.gitopsexecutor.checks.CheckResult.Failed;
import dev.gitopsexecutor.checks.HealthCheck;
import dev.gitopsexecutor.checks.Vantage;
import dev.gitopsexecutor.checks.VersionPointer;
import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.io.Deadline;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Proves that a release is what runs on a host, and runs well: health, version, containers and their digests. */
final class ReleaseCheck {
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);

    private final HostDeployment host;
    private final ReleaseRecord release;
    private final DeployScope scope;
    private final Cancellation cancellation;
    private final ContainerCheck containers;
    private Instant lastLook = Instant.MIN;

    ReleaseCheck(HostDeployment host, ReleaseRecord release, DeployScope scope, Cancellation cancellation) {
        this.host = host;
        this.release = release;
        this.scope = scope;
        this.cancellation = cancellation;
        this.containers = new ContainerCheck(host, release, release.staying(), scope, cancellation);
    }

    /** Blocks; the last result is a {@link Failed} or none is. */
    List<CheckResult> run() throws InterruptedException {
        Deadline deadline = scope.in(release.checks().deadline());
        List<CheckResult> results = new ArrayList<>(new HealthCheck(vantage(), scope.log()::masked, cancellation)
                .await(question(), deadline, this::looked));
        if (!(results.getLast() instanceof Failed)) {
            Duration stability = scope.times().stability();
            results.add(containers.await(scope.in(deadline.remaining().plus(stability.multipliedBy(3)))));
        }
        return List.copyOf(results);
    }

    /** Whether the containers are still those that were proven; blocks for moments. */
    CheckResult stillRuns() throws InterruptedException {
        return containers.await(scope.in(scope.times().stability().multipliedBy(3)));
    }

    /** What explains a failure best, besides the failure itself: the state and the end of the log of a container. */
    List<String> explanation() {
        return containers.explanation();
    }

    private HealthCheck.Question question() {
        Optional<VersionPointer> version = release.checks()
                .version()
                .map(spec -> new VersionPointer(
                        spec.pointer(),
                        Optional.ofNullable(release.images().get(spec.service()))
                                .flatMap(image -> image.tag())
                                .orElse(""),
                        release.origin().sha(),
                        true));
        return new HealthCheck.Question("health", release.checks().healthUrl(), version, 3);
    }

    private Vantage vantage() {
        return new Vantage(host.name().value(), host.connection()::tunnel, Optional.empty());
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
