package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.checks.CheckResult;
import dev.gitopsexecutor.checks.CheckResult.Failed;
import dev.gitopsexecutor.checks.CheckResult.Warned;
import dev.gitopsexecutor.checks.DirectDialer;
import dev.gitopsexecutor.checks.HealthCheck;
import dev.gitopsexecutor.checks.Vantage;
import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.model.HostName;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Proves a release once for all hosts: where users come to it, through DNS, balancer, proxy and TLS, asked by this machine; and
 * in the job's container. Every result is told to the log and the journal.
 */
final class PublicCheck {
    private static final int FEWEST = 3;
    private static final int MOST = 20;
    private static final String THIS_MACHINE = "this machine";

    private final ReleaseRecord release;
    private final SmokeChecks.Kind kind;
    private final SmokeChecks smoke;
    private final List<HostDeployment> hosts;
    private final DeployScope scope;
    private final Cancellation cancellation;
    private final Optional<DeployInput.JobContainer> container;

    /**
     * @param hosts that have the release, at least one
     * @param container of the job, where one waits for this release
     */
    PublicCheck(
            ReleaseRecord release,
            SmokeChecks.Kind kind,
            List<HostDeployment> hosts,
            DeployScope scope,
            Cancellation cancellation,
            Optional<DeployInput.JobContainer> container) {
        this.release = release;
        this.kind = kind;
        this.smoke = new SmokeChecks(release, kind, scope, cancellation);
        this.hosts = hosts;
        this.scope = scope;
        this.cancellation = cancellation;
        this.container = container;
    }

    boolean isDue() {
        return release.checks().publicUrl().isPresent()
                || !smoke.publicOnes().isEmpty()
                || (container.isPresent() && !smoke.jobOnes().isEmpty());
    }

    /**
     * Blocks.
     *
     * @param deadline for health and version in public
     * @return what failed, if anything did
     */
    Optional<Failed> run(Duration deadline) throws InterruptedException {
        Optional<Failed> failed = told(CheckJournal.PUBLIC, inPublic(deadline));
        return failed.isEmpty() && container.isPresent() ? told(SmokeChecks.JOB, smoke.inJob(container.get())) : failed;
    }

    private Optional<Failed> told(String place, List<CheckResult> results) {
        scope.journal().add(place, results);
        CheckLines.of(results).forEach(scope.log()::fact);
        return results.isEmpty() || !(results.getLast() instanceof Failed failed)
                ? Optional.empty()
                : Optional.of(failed);
    }

    private List<CheckResult> inPublic(Duration deadline) throws InterruptedException {
        Optional<URI> url = release.checks().publicUrl();
        if (url.isEmpty()) {
            return smoke.publicOnes().stream()
                    .<CheckResult>map(check -> new Warned(new Failed(
                            check.check(),
                            THIS_MACHINE,
                            "a public URL",
                            "the environment has no `url`",
                            0,
                            Duration.ZERO)))
                    .toList();
        }
        Optional<URI> refused = scope.places().refused(release.checks().publicPlaces());
        if (refused.isPresent()) {
            Failed failed = new Failed(
                    "public health",
                    "%s, %s".formatted(THIS_MACHINE, refused.get()),
                    "a host of checks.public_hosts in policy.yaml: "
                            + scope.places().allowed(),
                    "the policy does not let this machine ask it",
                    0,
                    Duration.ZERO);
            // What was proven there once must not stay away because the policy has changed since.
            return List.of(kind == SmokeChecks.Kind.AGAIN ? new Warned(failed) : failed);
        }
        Vantage from =
                new Vantage(THIS_MACHINE, new DirectDialer(), scope.places().trust());
        var question = new HealthCheck.Question("public health", url.get(), release.wantedVersion(), answers());
        List<CheckResult> results = new ArrayList<>(new HealthCheck(from, scope.log()::masked, cancellation)
                .await(question, scope.in(deadline), Optional::empty, progress(deadline)));
        if (!(results.getLast() instanceof Failed)) {
            results.addAll(smoke.inPublic(from, url.get(), hosts.getFirst()));
        }
        return results;
    }

    /** Enough that an old replica behind a balancer would have answered one of them. */
    private int answers() {
        int replicas = release.checks()
                .version()
                .map(version -> release.workload().replicas(version.service()))
                .orElse(1);
        return Math.clamp(2L * replicas * hosts.size(), FEWEST, MOST);
    }

    /** A line in the log from time to time, as of a host that is waited for. */
    private Consumer<String> progress(Duration deadline) {
        Instant start = scope.clock().instant();
        Activity waiting = new Activity("waiting for public health", start, Optional.of(deadline));
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
}
