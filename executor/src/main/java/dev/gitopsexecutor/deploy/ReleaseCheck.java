package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.checks.CheckResult;
import dev.gitopsexecutor.checks.CheckResult.Failed;
import dev.gitopsexecutor.checks.CheckResult.Passed;
import dev.gitopsexecutor.checks.HealthCheck;
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
    private static final Duration PAUSE = Duration.ofMillis(300);

    private final HostDeployment host;
    private final ReleaseRecord release;
    private final DeployScope scope;
    private final Cancellation cancellation;
    private final ContainerWatch watch;
    private Instant lastLook = Instant.MIN;

    ReleaseCheck(HostDeployment host, ReleaseRecord release, DeployScope scope, Cancellation cancellation) {
        this.host = host;
        this.release = release;
        this.scope = scope;
        this.cancellation = cancellation;
        this.watch = new ContainerWatch(
                host.name().value(), release.images(), scope.clock().instant());
    }

    /** Blocks; the last result is a {@link Failed} or none is. */
    List<CheckResult> run() throws InterruptedException {
        Deadline deadline = scope.in(release.checks().deadline());
        List<CheckResult> results =
                new ArrayList<>(new HealthCheck(host.connection()::tunnel, scope.log()::masked, cancellation)
                        .await(question(), deadline, this::looked));
        if (!(results.getLast() instanceof Failed)) {
            Duration stability = scope.times().stability();
            results.add(settled(scope.in(deadline.remaining().plus(stability.multipliedBy(3)))));
        }
        return List.copyOf(results);
    }

    /** Whether the containers are still those that were proven; blocks for moments. */
    CheckResult stillRuns() throws InterruptedException {
        return settled(scope.in(scope.times().stability().multipliedBy(3)));
    }

    /** What explains a failure best, besides the failure itself: the state and the end of the log of a container. */
    List<String> explanation() {
        List<String> lines = new ArrayList<>();
        Optional<ContainerState> suspect = watch.suspect(host.containers());
        suspect.ifPresent(container -> {
            lines.add("container \"%s\" is %s".formatted(container.name(), container.describe()));
            List<String> tail = host.logTail(container);
            lines.add(tail.isEmpty() ? "it logged nothing" : "its last %d log lines:".formatted(tail.size()));
            tail.forEach(line -> lines.add("| " + line));
        });
        if (suspect.isEmpty()) {
            lines.add("no container of its services is there");
        }
        return lines;
    }

    private HealthCheck.Question question() {
        Optional<VersionPointer> version = release.checks()
                .version()
                .map(spec -> new VersionPointer(
                        spec.pointer(),
                        Optional.ofNullable(release.images().get(spec.service()))
                                .flatMap(image -> image.tag())
                                .orElse(""),
                        release.origin().sha()));
        return new HealthCheck.Question(
                release.checks().healthUrl(), host.name().value(), version);
    }

    private Optional<Failed> looked() {
        Instant now = scope.clock().instant();
        if (lastLook.isAfter(now.minus(BETWEEN_LOOKS))) {
            return Optional.empty();
        }
        lastLook = now;
        return watch.fatal(host.containers(), now);
    }

    private CheckResult settled(Deadline deadline) throws InterruptedException {
        Duration stability = scope.times().stability();
        Instant start = scope.clock().instant();
        while (true) {
            List<ContainerState> containers = host.containers();
            Instant now = scope.clock().instant();
            Optional<Failed> fatal = watch.fatal(containers, now).or(() -> watch.wrongImage(containers, now));
            if (fatal.isPresent()) {
                return fatal.get();
            }
            Optional<String> missing = watch.missing(containers, stability);
            if (missing.isEmpty()) {
                return new Passed("digest", release.version().digests(), 1, Duration.between(start, now));
            }
            if (deadline.hasPassed() || cancellation.await(pause(containers, stability))) {
                return watch.timedOut(missing.get(), now);
            }
        }
    }

    /** No longer than it takes until the youngest container has run for long enough. */
    private Duration pause(List<ContainerState> containers, Duration stability) {
        Duration left = stability.minus(watch.youngest(containers));
        return left.isPositive() && left.compareTo(PAUSE) < 0 ? left : PAUSE;
    }
}
