package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.checks.CheckResult;
import dev.gitopsexecutor.checks.CheckResult.Failed;
import dev.gitopsexecutor.checks.CheckResult.Warned;
import dev.gitopsexecutor.checks.DirectDialer;
import dev.gitopsexecutor.checks.HealthCheck;
import dev.gitopsexecutor.checks.Vantage;
import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.io.Trust;
import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.policy.CheckRule;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;

/**
 * Proves a release where users come to it: through DNS, balancer, proxy and TLS, asked by this machine. What is to be
 * proven once for all hosts is proven here too.
 */
final class PublicCheck {
    private static final int FEWEST = 3;
    private static final int MOST = 20;

    private final ReleaseRecord release;
    private final SmokeChecks.Kind kind;
    private final SmokeChecks smoke;
    private final Fleet fleet;
    private final DeployScope scope;
    private final Cancellation cancellation;
    private final Optional<DeployInput.JobContainer> container;

    /** @param container of the job, where one waits for this release */
    PublicCheck(
            ReleaseRecord release,
            SmokeChecks.Kind kind,
            Fleet fleet,
            DeployScope scope,
            Cancellation cancellation,
            Optional<DeployInput.JobContainer> container) {
        this.release = release;
        this.kind = kind;
        this.smoke = new SmokeChecks(release, kind, scope, cancellation);
        this.fleet = fleet;
        this.scope = scope;
        this.cancellation = cancellation;
        this.container = container;
    }

    boolean isDue() {
        return release.checks().publicUrl().isPresent() || smoke.haveAnyEverywhere(container.isPresent());
    }

    /** Blocks; the last result is a {@link Failed} or none is. */
    List<CheckResult> run() throws InterruptedException {
        Optional<URI> url = release.checks().publicUrl();
        List<CheckResult> results = new ArrayList<>();
        Vantage from = new Vantage("this machine", new DirectDialer(), Optional.empty());
        if (url.isPresent()) {
            Optional<Failed> refused = refusal();
            if (refused.isPresent()) {
                // What was proven there once must not stay away because the policy has changed since.
                return List.of(kind == SmokeChecks.Kind.AGAIN ? new Warned(refused.get()) : refused.get());
            }
            try {
                from = new Vantage(
                        "this machine", new DirectDialer(), trust(scope.checks().caFile()));
            } catch (IOException unreadable) {
                return List.of(failed(url.get(), "certificates of CAs", String.valueOf(unreadable.getMessage())));
            }
            var question = new HealthCheck.Question("public health", url.get(), release.wantedVersion(), answers());
            results.addAll(new HealthCheck(from, scope.log()::masked, cancellation)
                    .await(question, scope.in(release.checks().deadline()), Optional::empty, progress()));
        }
        if (results.isEmpty() || !(results.getLast() instanceof Failed)) {
            results.addAll(smoke.everywhere(from, url, fleet.hosts().getFirst(), container));
        }
        return List.copyOf(results);
    }

    /** The record of a release may lie, and the policy may have changed since. */
    private Optional<Failed> refusal() {
        CheckRule rule = scope.checks();
        return release.checks().publicPlaces().stream()
                .filter(place -> !rule.allows(place))
                .findFirst()
                .map(place -> failed(
                        place,
                        "a host of checks.public_hosts in policy.yaml: " + String.join(", ", rule.publicHosts()),
                        "the policy does not let this machine ask it"));
    }

    /** A line in the log from time to time, as of a host that is waited for. */
    private Consumer<String> progress() {
        Instant start = scope.clock().instant();
        Activity waiting = new Activity(
                "waiting for public health", start, Optional.of(release.checks().deadline()));
        FleetProgress pace = new FleetProgress("", 1, scope.log()::masked, start);
        return seen -> {
            waiting.saw(seen);
            Instant now = scope.clock().instant();
            if (pace.isDue(now)) {
                pace.lines(new LinkedHashMap<>(Map.of(new HostName("public"), waiting)), now)
                        .forEach(scope.log()::fact);
            }
        };
    }

    private static Failed failed(URI url, String wanted, String saw) {
        return new Failed("public health", "this machine, " + url, wanted, saw, 1, Duration.ZERO);
    }

    private static Optional<SSLContext> trust(Optional<Path> caFile) throws IOException {
        return caFile.isPresent() ? Optional.of(Trust.ofCaFile(caFile.get())) : Optional.empty();
    }

    /** Enough that an old replica behind a balancer would have answered one of them. */
    private int answers() {
        int replicas = release.checks()
                .version()
                .map(version -> release.workload().replicas(version.service()))
                .orElse(1);
        return Math.clamp(2L * replicas * fleet.hosts().size(), FEWEST, MOST);
    }
}
