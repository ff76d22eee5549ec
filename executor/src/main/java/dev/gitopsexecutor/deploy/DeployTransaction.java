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
import dev.gitopsexecutor.model.ServiceName;
import dev.gitopsexecutor.policy.RolloutRule.OnFailure;
import java.time.Duration;
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
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * The part of a deploy that changes hosts: all of them end on the new release, or all on the old one, unless the policy wants
 * it otherwise.
 */
final class DeployTransaction {
    private static final int NAMES_IN_TITLE = 8;

    private final DeployScope scope;
    private final Fleet fleet;
    private final Release release;
    private final Map<HostName, HostState> before;
    private final Cancellation cancellation;
    private final SmokeChecks.Kind kind;
    private final Optional<DeployInput.JobContainer> container;
    private final Map<HostName, HostReport> reports = new LinkedHashMap<>();
    /** Wave after wave, those of a wave in its order. */
    private final List<HostDeployment> touched = new ArrayList<>();

    private final Map<HostName, Failure> failed = new LinkedHashMap<>();
    private boolean recorded;
    /** Though perhaps every host alone is well. */
    private boolean isUnproven;

    private boolean isPublic;

    /** {@code before} was read under the locks, which are held, and the release is written on every host. */
    DeployTransaction(
            DeployScope scope,
            Fleet fleet,
            Release release,
            Map<HostName, HostState> before,
            Cancellation cancellation,
            SmokeChecks.Kind kind,
            Optional<DeployInput.JobContainer> container) {
        this.scope = scope;
        this.fleet = fleet;
        this.release = release;
        this.before = before;
        this.cancellation = cancellation;
        this.kind = kind;
        this.container = container;
        before.forEach((host, state) ->
                reports.put(host, new HostReport(host, from(state).map(ReleaseRecord::version))));
    }

    DeployOutcome run() throws InterruptedException {
        Optional<Failure> failure = bringUp().or(this::firstFailure);
        if (failure.isEmpty()) {
            failure = proveInPublic();
        }
        if (failure.isEmpty()) {
            failure = lookAgain();
        }
        if (failure.isEmpty()) {
            failure = commit(touched);
        }
        if (failure.isEmpty()) {
            if (cancellation.isRequested()) {
                scope.log().warning("The job was canceled after everything was proven: the new release stays.");
            }
            return new DeployOutcome.Deployed(release.record().version(), rows(), conclude());
        }
        if (touched.isEmpty()) {
            if (!release.isStored()) {
                FailedRelease.retire(release.record().id(), failure.get(), fleet.hosts(), scope);
            }
            throw new ExecutorException(failure.get());
        }
        return undo(failure.get());
    }

    /** Wave after wave; a failure lets the hosts of its own wave finish, and ends it. */
    private Optional<Failure> bringUp() throws InterruptedException {
        // What was proven there before comes back as fast as when a deploy fails.
        List<List<HostDeployment>> waves = release.isBroughtBack()
                ? RollbackRounds.rounds(
                        fleet.hosts(), _ -> false, scope.rollout().maxParallel())
                : scope.rollout().waves(fleet.hosts());
        for (int number = 1; number <= waves.size() && failed.isEmpty(); number++) {
            List<HostDeployment> wave = waves.get(number - 1);
            JobLog.Section section = section(wave, number, waves.size());
            try {
                if (cancellation.isRequested()) {
                    return Optional.of(canceled());
                }
                touched.addAll(wave);
                noteFailures(wave, "bringing up", host -> bringUp(host, wave.size() > 1));
            } finally {
                section.close();
            }
        }
        return Optional.empty();
    }

    private JobLog.Section section(List<HostDeployment> wave, int number, int waves) {
        if (wave.size() == 1) {
            return scope.log()
                    .section(
                            sectionName(wave.getFirst()),
                            "Deploy " + wave.getFirst().name());
        }
        String names = RollbackWords.names(wave.subList(0, Math.min(wave.size(), NAMES_IN_TITLE)));
        int more = wave.size() - NAMES_IN_TITLE;
        return scope.log()
                .section(
                        "deploy_wave_" + number,
                        "Deploy wave %d of %d: %s%s"
                                .formatted(number, waves, names, more > 0 ? " and %d more".formatted(more) : ""));
    }

    /**
     * Does {@code step}, which tells its failure, on all these hosts in the same moment; prints every failure but the
     * first, which comes last and is printed there.
     */
    private void noteFailures(List<HostDeployment> hosts, String doing, Fleet.Step<Optional<Failure>> step)
            throws InterruptedException {
        new Fleet(hosts, scope)
                .together(doing, DeployScope.never(), host -> noted(host, step))
                .forEach((host, failure) -> failure.ifPresent(seen -> {
                    if (!failed.isEmpty()) {
                        scope.log().failure(seen.block());
                    }
                    failed.putIfAbsent(host, seen);
                }));
    }

    private interface Part {
        Optional<Failure> run() throws InterruptedException;
    }

    /** Even after a bug the hosts must not stay in between. */
    private Optional<Failure> guarded(Part part) throws InterruptedException {
        try {
            return part.run();
        } catch (ExecutorException failure) {
            return Optional.of(failure.failure());
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError bug) {
            return Optional.of(Failure.internal(
                    tried(), "release %s".formatted(release.record().id()), bug));
        }
    }

    private Optional<Failure> noted(HostDeployment host, Fleet.Step<Optional<Failure>> step)
            throws InterruptedException {
        Instant start = scope.clock().instant();
        try {
            return guarded(() -> step.on(host));
        } finally {
            report(host).spent(start, scope.clock().instant());
        }
    }

    /** {@code inWave} tells whether others are brought up at the same time, so that lines need the host's name. */
    private Optional<Failure> bringUp(HostDeployment host, boolean inWave) throws InterruptedException {
        Consumer<String> facts = inWave ? scope.factsOf(host.name()) : scope.log()::fact;
        report(host).runs(Optional.empty(), "unknown");
        ReleaseStart start = new ReleaseStart(host, release, schemaMark(host), scope, cancellation, facts);
        ReleaseCheck check = check(host);
        List<CheckResult> results = new ArrayList<>(start.run());
        boolean started = results.isEmpty() || !(results.getLast() instanceof Failed);
        if (started && release.isBroughtBack()) {
            removeUnknownServices(host);
        }
        if (started) {
            results.addAll(check.run());
        }
        scope.journal().add(host.name().value(), results);
        CheckLines.of(results).forEach(facts);
        report(host).runs(Optional.of(release.record().version()), CheckLines.summary(results));
        if (!(results.getLast() instanceof Failed failure)) {
            return Optional.empty();
        }
        return Optional.of(
                cancellation.isRequested()
                        ? canceled()
                        : explained(host, failure, started ? check.explanation() : start.explanation(), facts));
    }

    /** Once, for all hosts; what fails then speaks against every one of them. */
    private Optional<Failure> proveInPublic() throws InterruptedException {
        PublicCheck check = new PublicCheck(release.record(), kind, touched, scope, cancellation, container);
        if (!check.isDue()) {
            return Optional.empty();
        }
        JobLog.Section section = scope.log().section("deploy_public", "For all hosts");
        try {
            Optional<Failure> failure = guarded(() -> provenInPublic(check));
            isUnproven = failure.isPresent();
            isPublic = true;
            return failure;
        } finally {
            section.close();
        }
    }

    private Optional<Failure> provenInPublic(PublicCheck check) throws InterruptedException {
        Optional<Failed> failed = check.run(release.record().checks().deadline());
        if (failed.isEmpty()) {
            if (release.record().checks().publicUrl().isPresent()) {
                reports.values().forEach(report -> report.also("public"));
            }
            return Optional.empty();
        }
        if (cancellation.isRequested()) {
            return Optional.of(canceled());
        }
        HostDeployment first = touched.getFirst();
        scope.explain(first.name(), check(first).explanation(), scope.factsOf(first.name()));
        boolean inJob = failed.get().from().equals(SmokeChecks.JOB);
        return Optional.of(new Failure(
                FailureCode.CHECK_FAILED,
                tried(),
                "%s, release %s".formatted(failed.get().from(), release.record().id()),
                failed.get().describe() + "\nevery host by itself answered well",
                inJob
                        ? "Read what the command printed, correct the application or the check and push again."
                        : "Look at what stands between users and hosts (DNS, balancer, proxy, certificate), at the"
                                + " container's log lines, and at what the check asks for."));
    }

    private ReleaseCheck check(HostDeployment host) {
        return new ReleaseCheck(host, release.record(), kind, scope, cancellation);
    }

    /** What comes back was stable once, and somebody waits for it. */
    private Duration stability() {
        return release.isBroughtBack()
                ? scope.times().stability()
                : release.record().checks().stability();
    }

    /** The first may have crashed while the last was deployed. A host alone, asked by nobody else, was looked at just now. */
    private Optional<Failure> lookAgain() throws InterruptedException {
        if (touched.size() > 1
                || isPublic
                || stability().compareTo(scope.times().stability()) > 0) {
            lookAgain(touched);
        }
        return firstFailure();
    }

    private void lookAgain(List<HostDeployment> hosts) throws InterruptedException {
        if (hosts.isEmpty()) {
            return;
        }
        JobLog.Section section = scope.log()
                .section(
                        "deploy_last_look",
                        "All hosts once more, stable for %d s"
                                .formatted(stability().toSeconds()));
        int before = failed.size();
        try {
            noteFailures(hosts, "looking at all hosts once more", host -> {
                ReleaseCheck check = check(host);
                CheckResult look = check.stillRuns(stability());
                scope.journal().add(host.name().value(), List.of(look));
                if (!(look instanceof Failed failure)) {
                    return Optional.empty();
                }
                report(host).runs(Optional.of(release.record().version()), failure.check() + " failed later");
                return Optional.of(
                        cancellation.isRequested()
                                ? canceled()
                                : explained(host, failure, check.explanation(), scope.factsOf(host.name())));
            });
            if (failed.size() == before) {
                scope.log().fact("all %d still run the new release".formatted(hosts.size()));
            }
        } finally {
            section.close();
        }
    }

    private Failure explained(HostDeployment host, Failed failure, List<String> explanation, Consumer<String> facts) {
        scope.explain(host.name(), explanation, facts);
        return new Failure(
                FailureCode.CHECK_FAILED,
                tried(),
                "%s, release %s".formatted(host.name(), release.record().id()),
                failure.describe() + "\n" + explanation.getFirst(),
                "Read the container's log lines, correct the application and push again.");
    }

    /** What came back on purpose goes away again when it fails; what was never verified before it does not come. */
    private Optional<ReleaseRecord> from(HostState state) {
        return release.isBroughtBack() ? state.currentRelease() : state.lastVerified();
    }

    /** As this release changes it; empty when it does not. */
    private Optional<SchemaMark> schemaMark(HostDeployment host) {
        SchemaMark now = state(host).schema();
        return Optional.of(now.and(release.record().schema())).filter(mark -> !mark.equals(now));
    }

    /** Those of the release that goes, which this one does not know. */
    private void removeUnknownServices(HostDeployment host) throws InterruptedException {
        Optional<ReleaseRecord> current = state(host).currentRelease();
        if (current.isPresent()) {
            Set<ServiceName> unknown = new TreeSet<>(current.get().images().keySet());
            unknown.removeAll(release.record().images().keySet());
            host.removeServices(current.get().id(), unknown);
        }
    }

    private HostState state(HostDeployment host) {
        return Objects.requireNonNull(before.get(host.name()));
    }

    private Optional<Failure> commit(List<HostDeployment> proven) throws InterruptedException {
        recorded = true;
        ReleaseRecord verified = release.record().verifiedAt(scope.clock().instant());
        noteFailures(proven, "recording the release", host -> {
            host.commit(verified);
            return Optional.empty();
        });
        return firstFailure();
    }

    private Optional<Failure> firstFailure() {
        return failed.values().stream().findFirst();
    }

    /** As the policy wants it. */
    private DeployOutcome undo(Failure cause) throws InterruptedException {
        Rollback rollback = new Rollback(scope, fleet, release, before, reports, cancellation);
        // Who goes back on purpose wants all hosts there, or none.
        boolean goesBackWhole = release.isBroughtBack()
                || scope.rollout().onFailure() == OnFailure.ROLL_BACK
                || (isUnproven && scope.rollout().onFailure() == OnFailure.ROLL_BACK_FAILED);
        if (goesBackWhole) {
            unverify();
            return rollback.run(touched, failed.keySet(), List.of(), cause);
        }
        List<HostDeployment> kept = isUnproven ? List.of() : keep();
        List<HostDeployment> others =
                touched.stream().filter(host -> !kept.contains(host)).toList();
        return scope.rollout().onFailure() == OnFailure.STOP
                ? rollback.stop(others, kept, cause)
                : rollback.run(others, failed.keySet(), kept, cause);
    }

    /** A host may have been told that the release is proven, before another one failed at that. */
    private void unverify() throws InterruptedException {
        if (recorded && !release.isStored()) {
            new Fleet(touched, scope).together("taking the record back", DeployScope.never(), host -> {
                try {
                    host.commit(release.record());
                } catch (ExecutorException unreachable) {
                    // It is put back next, which says what is wrong with it.
                }
                return true;
            });
        }
    }

    /** Records the release as verified where it is proven, and still runs; the hosts where that worked. */
    private List<HostDeployment> keep() throws InterruptedException {
        lookAgain(proven());
        var _ = commit(proven());
        List<HostDeployment> kept = proven();
        if (!kept.isEmpty()) {
            new Fleet(kept, scope).conclude(Map.of());
        }
        return kept;
    }

    private List<HostDeployment> proven() {
        return touched.stream().filter(host -> !failed.containsKey(host.name())).toList();
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
