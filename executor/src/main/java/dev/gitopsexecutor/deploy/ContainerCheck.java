package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.checks.CheckResult;
import dev.gitopsexecutor.checks.CheckResult.Failed;
import dev.gitopsexecutor.checks.CheckResult.Passed;
import dev.gitopsexecutor.checks.Endpoint;
import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.io.Deadline;
import dev.gitopsexecutor.io.PlainText;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.ServiceName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/** Proves that containers of a release are as they shall be on a host, each on its image. */
final class ContainerCheck {
    private static final Duration PAUSE = Duration.ofMillis(300);

    private final HostDeployment host;
    private final RunningVersion version;
    private final DeployScope scope;
    private final Cancellation cancellation;
    private final ContainerWatch watch;
    private final int port;

    /** @param images of the services to look at: all that stay, or jobs */
    ContainerCheck(
            HostDeployment host,
            ReleaseRecord release,
            SortedMap<ServiceName, ImageRef> images,
            DeployScope scope,
            Cancellation cancellation) {
        this.host = host;
        this.version = new RunningVersion(release.id(), images);
        this.scope = scope;
        this.cancellation = cancellation;
        this.port = Endpoint.of(release.checks().healthUrl()).port();
        this.watch = new ContainerWatch(
                host.name().value(), images, release.workload(), scope.clock().instant());
    }

    /** One look: what no waiting cures. */
    Optional<Failed> fatal() {
        return watch.fatal(host.containers(), scope.clock().instant());
    }

    /**
     * Blocks until they are, or never will be.
     *
     * @param stability for which those that stay must have run
     */
    CheckResult await(Duration stability, Deadline deadline) throws InterruptedException {
        Instant start = scope.clock().instant();
        Activity waiting = host.doing("waiting for containers", deadline);
        while (true) {
            List<ContainerState> containers = host.containers();
            Instant now = scope.clock().instant();
            Optional<Failed> fatal = watch.fatal(containers, now).or(() -> watch.wrongImage(containers, now));
            if (fatal.isPresent()) {
                return fatal.get();
            }
            Optional<String> missing = watch.missing(containers, stability);
            if (missing.isEmpty()) {
                return new Passed("digest", host.name().value(), version.digests(), 1, Duration.between(start, now));
            }
            waiting.saw(missing.get());
            if (deadline.hasPassed() || cancellation.await(pause(containers, stability))) {
                return watch.timedOut(missing.get(), now);
            }
        }
    }

    /**
     * What explains a failure best, besides the failure itself: of the container that it is about, its state, its life, what
     * its own health check said and the end of its log; then who else is not up. The first line says the most.
     */
    List<String> explanation() {
        List<ContainerState> suspects = watch.suspects(host.containers(), port);
        if (suspects.isEmpty()) {
            return List.of("no container of its services is there");
        }
        List<String> lines = new ArrayList<>();
        lines.add(sentence(suspects.getFirst()));
        suspects.stream().skip(1).forEach(other -> lines.add("also " + sentence(other)));
        host.evidence(suspects.getFirst()).forEach(line -> lines.add("  " + line));
        return lines;
    }

    private static String sentence(ContainerState container) {
        return PlainText.line("container \"%s\" is %s".formatted(container.name(), container.describe()));
    }

    /** No longer than it takes until the youngest container has run for long enough. */
    private Duration pause(List<ContainerState> containers, Duration stability) {
        Duration left = stability.minus(watch.youngest(containers));
        return left.isPositive() && left.compareTo(PAUSE) < 0 ? left : PAUSE;
    }
}
