package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.checks.CheckResult;
import dev.gitopsexecutor.checks.CheckResult.Failed;
import dev.gitopsexecutor.deploy.DeployOutcome.NoLongerWell;
import dev.gitopsexecutor.deploy.DeployOutcome.Unchanged;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.model.HostName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A deploy of what every host runs already: nothing restarts, and everything is proven again. */
final class UnchangedRelease {
    private final DeployScope scope;
    private final Fleet fleet;
    private final Cancellation cancellation;

    UnchangedRelease(DeployScope scope, Fleet fleet, Cancellation cancellation) {
        this.scope = scope;
        this.fleet = fleet;
        this.cancellation = cancellation;
    }

    private record Proof(ReleaseRecord release, List<CheckResult> results, List<String> explanation, Duration took) {}

    /**
     * Blocks; {@code states} were read under the locks, which are held.
     *
     * @throws ExecutorException {@code CANCELED}; nothing was changed
     */
    DeployOutcome prove(RunningVersion wanted, Map<HostName, HostState> states) throws InterruptedException {
        Map<HostName, Proof> proofs = fleet.each(
                "checking",
                cancellation,
                host -> proof(
                        host,
                        Optional.ofNullable(states.get(host.name()))
                                .flatMap(HostState::currentRelease)
                                .orElseThrow()));
        List<HostOutcome> rows = new ArrayList<>();
        proofs.forEach((host, proof) -> {
            CheckLines.of(proof.results()).forEach(scope.factsOf(host));
            if (!proof.explanation().isEmpty()) {
                scope.explain(host, proof.explanation(), scope.factsOf(host));
            }
            Optional<RunningVersion> version = Optional.of(proof.release().version());
            rows.add(new HostOutcome(host, version, version, CheckLines.summary(proof.results()), proof.took()));
        });
        Optional<Failure> unwell = proofs.entrySet().stream()
                .flatMap(entry -> unwell(entry.getKey(), entry.getValue()).stream())
                .findFirst();
        if (unwell.isEmpty()) {
            unwell = unwellInPublic(proofs.values().iterator().next().release());
        }
        if (unwell.isPresent() && cancellation.isRequested()) {
            throw Fleet.canceled("checking");
        }
        if (unwell.isPresent()) {
            return new NoLongerWell(wanted, rows, unwell.get());
        }
        fleet.conclude(Map.of());
        return new Unchanged(wanted, rows);
    }

    private Proof proof(HostDeployment host, ReleaseRecord current) throws InterruptedException {
        Instant start = scope.clock().instant();
        ReleaseCheck check = new ReleaseCheck(host, current, SmokeChecks.Kind.AGAIN, scope, cancellation);
        List<CheckResult> results = check.run();
        scope.journal().add(host.name().value(), results);
        List<String> explanation = results.getLast() instanceof Failed ? check.explanation() : List.of();
        return new Proof(
                current,
                results,
                explanation,
                Duration.between(start, scope.clock().instant()));
    }

    private static Optional<Failure> unwell(HostName host, Proof proof) {
        return proof.results().getLast() instanceof Failed failed
                ? Optional.of(unwell(
                        failed,
                        "prove that \"%s\" is well".formatted(host),
                        proof.release(),
                        "Look at the container's log lines; the release worked when it was deployed."))
                : Optional.empty();
    }

    private Optional<Failure> unwellInPublic(ReleaseRecord release) throws InterruptedException {
        PublicCheck check =
                new PublicCheck(release, SmokeChecks.Kind.AGAIN, fleet.hosts(), scope, cancellation, Optional.empty());
        Optional<Failed> failed = check.isDue() ? check.run(release.checks().deadline()) : Optional.empty();
        return failed.map(seen -> unwell(
                seen,
                "prove that the release is well where users come",
                release,
                "Every host by itself is well: look at what stands before them (DNS, balancer, proxy, certificate)."));
    }

    private static Failure unwell(Failed failed, String tried, ReleaseRecord release, String next) {
        return new Failure(
                FailureCode.CHECK_FAILED,
                tried,
                "release " + release.id(),
                failed.describe() + "\nthe wanted release ran there already; nothing was changed",
                next);
    }
}
