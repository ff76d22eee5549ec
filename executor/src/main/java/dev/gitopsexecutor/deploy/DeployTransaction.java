package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.checks.CheckResult;
import dev.gitopsexecutor.checks.CheckResult.Failed;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.ReleaseId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** The part of a deploy that changes hosts: all of them end on the new release, or all on the old one. */
final class DeployTransaction {
    private final DeployScope scope;
    private final Fleet fleet;
    private final Release release;
    private final Map<HostName, HostState> before;
    private final Cancellation cancellation;
    private final Map<HostName, HostReport> reports = new LinkedHashMap<>();
    private final List<HostDeployment> touched = new ArrayList<>();

    /** {@code before} was read under the locks, which are held, and the release is written on every host. */
    DeployTransaction(
            DeployScope scope,
            Fleet fleet,
            Release release,
            Map<HostName, HostState> before,
            Cancellation cancellation) {
        this.scope = scope;
        this.fleet = fleet;
        this.release = release;
        this.before = before;
        this.cancellation = cancellation;
        before.forEach((host, state) ->
                reports.put(host, new HostReport(host, state.lastVerified().map(ReleaseRecord::version))));
    }

    DeployOutcome run() throws InterruptedException {
        Optional<Failure> failure = bringUp();
        if (failure.isEmpty()) {
            failure = commit();
        }
        if (failure.isEmpty()) {
            return new DeployOutcome.Deployed(release.record().version(), rows(), conclude());
        }
        if (touched.isEmpty()) {
            FailedRelease.retire(release.record().id(), failure.get(), fleet.hosts(), scope);
            throw new ExecutorException(failure.get());
        }
        return new Rollback(scope, fleet, release.record(), before, reports).run(touched, failure.get());
    }

    private Optional<Failure> bringUp() throws InterruptedException {
        for (HostDeployment host : fleet.hosts()) {
            JobLog.Section section = scope.log().section(sectionName(host), "Deploy " + host.name());
            Instant start = scope.clock().instant();
            Optional<Failure> failure;
            try {
                failure = cancellation.isRequested() ? Optional.of(canceled()) : bringUp(host);
            } catch (ExecutorException failed) {
                failure = Optional.of(failed.failure());
            } catch (RuntimeException bug) {
                failure = Optional.of(internal(bug));
            } finally {
                report(host).spent(start, scope.clock().instant());
                section.close();
            }
            if (failure.isPresent()) {
                return failure;
            }
        }
        return Optional.empty();
    }

    private Optional<Failure> bringUp(HostDeployment host) throws InterruptedException {
        touched.add(host);
        report(host).runs(Optional.empty(), "unknown");
        host.activate(release.record());
        scope.log()
                .fact("release %s is current, its containers are started"
                        .formatted(release.record().id()));
        ReleaseCheck check = new ReleaseCheck(host, release.record(), scope, cancellation);
        List<CheckResult> results = check.run();
        CheckLines.of(results).forEach(scope.log()::fact);
        report(host).runs(Optional.of(release.record().version()), CheckLines.summary(results));
        if (!(results.getLast() instanceof Failed failed)) {
            return Optional.empty();
        }
        if (cancellation.isRequested()) {
            return Optional.of(canceled());
        }
        List<String> explanation = check.explanation();
        explanation.forEach(scope.log()::fact);
        return Optional.of(new Failure(
                FailureCode.CHECK_FAILED,
                tried(),
                "%s, release %s".formatted(host.name(), release.record().id()),
                failed.describe() + "\n" + explanation.getFirst(),
                "Read the container's log lines above, correct the application and push again."));
    }

    private Optional<Failure> commit() throws InterruptedException {
        ReleaseRecord verified = release.record().verifiedAt(scope.clock().instant());
        try {
            fleet.each("recording the release", DeployScope.never(), host -> {
                host.commit(verified);
                return true;
            });
        } catch (ExecutorException failed) {
            return Optional.of(failed.failure());
        } catch (RuntimeException bug) {
            return Optional.of(internal(bug));
        }
        if (cancellation.isRequested()) {
            scope.log().warning("The job was canceled after everything was proven: the new release stays.");
        }
        return Optional.empty();
    }

    /** Returns the releases that are left on any host. */
    private Set<ReleaseId> conclude() throws InterruptedException {
        Map<HostName, List<ReleaseId>> outlived = new HashMap<>();
        Set<ReleaseId> retained = new HashSet<>();
        retained.add(release.record().id());
        before.forEach((host, state) -> {
            List<ReleaseId> dropped = Retention.outlived(state, release.record().id());
            outlived.put(host, dropped);
            state.releases().stream()
                    .map(ReleaseRecord::id)
                    .filter(id -> !dropped.contains(id))
                    .forEach(retained::add);
        });
        fleet.conclude(outlived);
        return retained;
    }

    private Failure canceled() {
        return new Failure(
                FailureCode.CANCELED,
                tried(),
                "release %s".formatted(release.record().id()),
                touched.isEmpty()
                        ? "the job was canceled; nothing was changed on any host"
                        : "the job was canceled while hosts were being changed",
                "Retry the job if it should run after all.");
    }

    /** Even then the hosts must not stay in between. */
    private Failure internal(RuntimeException bug) {
        return Failure.internal(tried(), "release %s".formatted(release.record().id()), bug);
    }

    private String tried() {
        return "deploy %s to %s".formatted(scope.project(), release.record().environment());
    }

    private List<HostOutcome> rows() {
        return reports.values().stream().map(HostReport::outcome).toList();
    }

    private HostReport report(HostDeployment host) {
        return Objects.requireNonNull(reports.get(host.name()));
    }

    static String sectionName(HostDeployment host) {
        return "deploy_" + host.name().value().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "_");
    }
}
