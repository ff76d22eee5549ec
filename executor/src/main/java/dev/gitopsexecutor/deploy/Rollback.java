package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.checks.CheckResult;
import dev.gitopsexecutor.checks.CheckResult.Failed;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.io.Deadline;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.ServiceName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/** Puts the last verified release back on hosts that a failed deploy changed, and proves it. One attempt. */
final class Rollback {
    private static final Duration BETWEEN_CONNECTS = Duration.ofSeconds(2);
    private static final Duration LONGEST_LOOK = Duration.ofSeconds(15);

    private final DeployScope scope;
    private final Fleet fleet;
    private final ReleaseRecord failed;
    private final Release release;
    private final Map<HostName, HostState> before;
    private final Map<HostName, HostReport> reports;
    private final RollbackWords words;
    private final Cancellation cancellation;
    private final Set<HostName> ceded = ConcurrentHashMap.newKeySet();

    /** @param cancellation ends what tells of the world after the hosts are back; never the way back itself */
    Rollback(
            DeployScope scope,
            Fleet fleet,
            Release release,
            Map<HostName, HostState> before,
            Map<HostName, HostReport> reports,
            Cancellation cancellation) {
        this.scope = scope;
        this.cancellation = cancellation;
        this.fleet = fleet;
        this.failed = release.record();
        this.release = release;
        this.before = before;
        this.reports = reports;
        this.words = new RollbackWords(scope, fleet, release);
    }

    /**
     * The runner's wish to end is not heard here: a host must not stay in between.
     *
     * @param touched those to put back, in the order in which they were changed
     * @param down those of them, and perhaps others, that failed
     * @param kept those that keep the new release
     */
    DeployOutcome run(List<HostDeployment> touched, Set<HostName> down, List<HostDeployment> kept, Failure cause)
            throws InterruptedException {
        scope.log().warning("Cannot %s: %s.".formatted(cause.tried(), RollbackWords.firstLine(cause)));
        scope.log().warning(RollbackWords.next(touched, this::previous));
        Map<HostName, String> stuck = new LinkedHashMap<>();
        JobLog.Section section = scope.log().section("deploy_rollback", "Roll back");
        try {
            putBackInRounds(touched, down).forEach((host, problem) -> problem.ifPresent(text -> stuck.put(host, text)));
            // Where putting back failed, the link may still name the failed release: its files stay.
            List<HostDeployment> settled = fleet.hosts().stream()
                    .filter(host -> !stuck.containsKey(host.name()) && !kept.contains(host))
                    .toList();
            moveAside(settled, cause);
            if (stuck.isEmpty() && kept.isEmpty()) {
                lookInPublic(touched);
            }
        } finally {
            section.close();
        }
        words.mixed(kept).forEach(scope.log()::warning);
        List<HostOutcome> rows = rows(kept);
        if (!stuck.isEmpty() && ceded.containsAll(stuck.keySet())) {
            return new DeployOutcome.Overtaken(failed.version(), rows, words.overtaken(cause, stuck.values()));
        }
        if (!stuck.isEmpty()) {
            List<String> lines = new ArrayList<>(stuck.values());
            lines.addAll(words.mixed(kept));
            return new DeployOutcome.RollbackFailed(failed.version(), rows, words.rollbackFailed(cause, lines));
        }
        List<HostDeployment> first =
                touched.stream().filter(host -> previous(host).isEmpty()).toList();
        String now = first.isEmpty()
                ? touched.isEmpty()
                        ? "no other host was changed"
                        : "every %s host runs its last verified release again"
                                .formatted(kept.isEmpty() ? "changed" : "failed")
                : "on %s there was nothing to go back to: its new containers are removed"
                        .formatted(RollbackWords.names(first));
        if (!kept.isEmpty()) {
            return new DeployOutcome.Mixed(
                    failed.version(),
                    rows,
                    RollbackWords.failure(cause, now + "\n" + String.join("\n", words.mixed(kept))));
        }
        return first.isEmpty()
                ? new DeployOutcome.RolledBack(failed.version(), rows, RollbackWords.failure(cause, now))
                : new DeployOutcome.NothingToRollBackTo(failed.version(), rows, RollbackWords.failure(cause, now));
    }

    /** The hosts are back and proven, whatever this says; but an operator at night wants to know where to look. */
    private void lookInPublic(List<HostDeployment> touched) throws InterruptedException {
        Optional<HostDeployment> first = touched.stream()
                .filter(host -> previous(host)
                        .flatMap(record -> record.checks().publicUrl())
                        .isPresent())
                .findFirst();
        if (first.isEmpty() || cancellation.isRequested()) {
            return;
        }
        try {
            PublicCheck check = new PublicCheck(
                    previous(first.get()).orElseThrow(),
                    SmokeChecks.Kind.AGAIN,
                    List.of(first.get()),
                    scope,
                    cancellation,
                    Optional.empty());
            if (check.run(LONGEST_LOOK).isPresent()) {
                scope.log()
                        .warning("  The release that is back is proven on every host and does not answer well in public"
                                + " either: look at what stands before the hosts (DNS, balancer, proxy, certificate).");
            }
        } catch (RuntimeException failed) {
            scope.log()
                    .warning("  Nobody knows how the release that is back answers in public: " + failed.getMessage());
        }
    }

    /**
     * Changes nothing.
     *
     * @param others those that were changed and are not proven
     * @param kept those that run the new release, proven
     */
    DeployOutcome stop(List<HostDeployment> others, List<HostDeployment> kept, Failure cause)
            throws InterruptedException {
        scope.log().warning("Cannot %s: %s.".formatted(cause.tried(), RollbackWords.firstLine(cause)));
        scope.log()
                .warning("Now: nothing is put back on %s, the policy stops here."
                        .formatted(others.isEmpty() ? "any host" : RollbackWords.names(others)));
        words.mixed(kept).forEach(scope.log()::warning);
        List<String> lines = new ArrayList<>();
        lines.add("nothing was put back, as the policy has it (rollout.on_failure: stop)");
        for (HostDeployment host : others) {
            lines.add(leftAsItIs(host)
                    .map(why -> "%s: it may run the failed release; %s".formatted(host.name(), why))
                    .orElseGet(() -> words.byHand(
                            host, previous(host), "it may run the failed release", "to put the last one back")));
        }
        lines.addAll(words.mixed(kept));
        List<HostDeployment> untouched = fleet.hosts().stream()
                .filter(host -> !others.contains(host) && !kept.contains(host))
                .toList();
        moveAside(untouched, cause);
        return new DeployOutcome.Stopped(
                failed.version(), rows(kept), RollbackWords.failure(cause, String.join("\n", lines)));
    }

    /** Why the last release must not be put back there by hand either, if so. */
    private Optional<String> leftAsItIs(HostDeployment host) throws InterruptedException {
        try {
            if (host.isReachable()) {
                endJobs(host);
                return whyNotBack(host);
            }
        } catch (ExecutorException lost) {
            scope.log().warning("  %s: %s".formatted(host.name(), lost.failure().saw()));
        }
        report(host).runs(Optional.empty(), "unknown: cannot be reached");
        return Optional.empty();
    }

    /** The release's files go aside where it is not current, unless it was there before. */
    private void moveAside(List<HostDeployment> settled, Failure cause) throws InterruptedException {
        if (release.isStored()) {
            settled.forEach(HostDeployment::unlock);
        } else {
            FailedRelease.retire(failed.id(), cause, settled, scope);
        }
    }

    /** Rounds as of {@link RollbackRounds}; whom we have lost keeps nobody waiting. */
    private Map<HostName, Optional<String>> putBackInRounds(List<HostDeployment> touched, Set<HostName> down)
            throws InterruptedException {
        List<HostDeployment> lost =
                touched.stream().filter(host -> !host.isReachable()).toList();
        List<HostDeployment> near =
                touched.stream().filter(host -> !lost.contains(host)).toList();
        Map<HostName, Optional<String>> problems = new LinkedHashMap<>();
        try (ExecutorService aside = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Map<HostName, Optional<String>>> later = aside.submit(() -> putBackTogether(lost));
            for (List<HostDeployment> round : RollbackRounds.rounds(
                    near, host -> down.contains(host.name()), scope.rollout().maxParallel())) {
                problems.putAll(putBackTogether(round));
            }
            problems.putAll(Fleet.result(later));
        }
        return problems;
    }

    private Map<HostName, Optional<String>> putBackTogether(List<HostDeployment> hosts) throws InterruptedException {
        return new Fleet(hosts, scope).together("putting back", DeployScope.never(), this::putBackOrExplain);
    }

    private List<HostOutcome> rows(List<HostDeployment> kept) {
        kept.forEach(host -> report(host).kept());
        return reports.values().stream().map(HostReport::outcome).toList();
    }

    /** What is wrong with a host that could not be put back, and what an operator has to do there. */
    private Optional<String> putBackOrExplain(HostDeployment host) throws InterruptedException {
        Instant start = scope.clock().instant();
        try {
            if (!host.isReachable()) {
                return reconnectAndPutBack(host, lost(host));
            }
            try {
                return putBack(host);
            } catch (ExecutorException failure) {
                if (HostFailures.isEngineGone(failure.failure().saw())) {
                    // A host that goes down loses its engine before its network.
                    return reconnectAndPutBack(host, "its Docker engine does not answer");
                }
                if (host.isReachable()) {
                    throw failure;
                }
                // It may have been lost long ago, and this was the first to hear of it.
                return reconnectAndPutBack(host, lost(host));
            }
        } catch (ExecutorException again) {
            return Optional.of(unknown(host, again.failure().saw()));
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError bug) {
            return Optional.of(unknown(host, bug.toString()));
        } finally {
            report(host).spent(start, scope.clock().instant());
        }
    }

    private static String lost(HostDeployment host) {
        return "the %s was lost".formatted(host.isConnected() ? "lock" : "connection");
    }

    /** One whose connection, lock or engine is gone: somebody else may have been there. */
    private Optional<String> reconnectAndPutBack(HostDeployment host, String why) throws InterruptedException {
        scope.log().fact("%s: %s, connecting again".formatted(host.name(), why));
        try {
            reconnect(host);
        } catch (ExecutorException failure) {
            if (failure.code() != FailureCode.LOCK_HELD) {
                throw failure;
            }
            return Optional.of(cede(
                    host,
                    "another deploy has its lock now: " + failure.failure().saw()));
        }
        Optional<String> taken = takenOver(host);
        return taken.isPresent()
                ? taken.map(release -> cede(host, "another deploy made %s current meanwhile".formatted(release)))
                : putBack(host);
    }

    private Optional<String> putBack(HostDeployment host) throws InterruptedException {
        Optional<String> kept = whyNotBack(host);
        if (kept.isPresent()) {
            return Optional.of(keep(host, kept.get()));
        }
        return previous(host).isPresent() ? restore(host, previous(host).get()) : removeFirst(host);
    }

    /** Why the failed release stays although it failed, if it must. */
    private Optional<String> whyNotBack(HostDeployment host) throws InterruptedException {
        Optional<ReleaseRecord> previous = previous(host);
        if (previous.isEmpty()) {
            return release.isBroughtBack()
                    ? Optional.of("what was current before it was never verified")
                    : Optional.empty();
        }
        SchemaSpec schema = previous.get().schema();
        if (state(host).schema().and(failed.schema()).allows(schema)) {
            return Optional.empty();
        }
        // The release may have failed before it was activated at all: the host itself knows.
        SchemaMark mark = host.state().schema();
        return mark.allows(schema)
                ? Optional.empty()
                : Optional.of(
                        "%s must not come back: %s; once the database is restored from before, remove %s/.gitops/schema.json"
                                .formatted(previous.get().id(), mark.refusal(schema), scope.directory()));
    }

    private String keep(HostDeployment host, String why) throws InterruptedException {
        report(host).runs(Optional.of(failed.version()), "failed, and stays");
        endJobs(host);
        host.unlock();
        return "%s: %s stays although it failed: %s".formatted(host.name(), failed.id(), why);
    }

    private String unknown(HostDeployment host, String why) {
        report(host).runs(Optional.empty(), "unknown: rollback failed");
        return stuck(host, "nobody knows what runs: " + why);
    }

    private Optional<String> restore(HostDeployment host, ReleaseRecord previous) throws InterruptedException {
        scope.log().fact("%s: putting back %s".formatted(host.name(), previous.id()));
        endJobs(host);
        host.activate(previous.id(), StartStep.staying(previous), Optional.empty());
        Set<ServiceName> added = new TreeSet<>(failed.staying().keySet());
        added.removeAll(previous.staying().keySet());
        host.removeServices(failed.id(), added);
        ReleaseCheck check = new ReleaseCheck(host, previous, SmokeChecks.Kind.AGAIN, scope, DeployScope.never());
        List<CheckResult> results = check.run();
        scope.journal().add(host.name().value(), results);
        Consumer<String> facts = scope.factsOf(host.name());
        CheckLines.of(results).forEach(facts);
        if (results.getLast() instanceof Failed wrong) {
            scope.explain(host.name(), check.explanation(), facts);
            report(host).runs(Optional.of(previous.version()), "rolled back, " + CheckLines.summary(results));
            return Optional.of(stuck(
                    host, "%s is current again, but %s: %s".formatted(previous.id(), wrong.check(), wrong.lastSeen())));
        }
        report(host).runs(Optional.of(previous.version()), "rolled back: " + CheckLines.summary(results));
        scope.log()
                .success("  %s: %s is back and proven"
                        .formatted(host.name(), previous.version().tags()));
        return Optional.empty();
    }

    /** A migration that still runs must not go on beside another release, nor when nobody waits for it any more. */
    private void endJobs(HostDeployment host) throws InterruptedException {
        if (!release.isBroughtBack()) {
            host.removeServices(failed.id(), failed.workload().jobs());
        }
    }

    private Optional<String> removeFirst(HostDeployment host) throws InterruptedException {
        host.abandon(failed);
        report(host).runs(Optional.empty(), "first deploy: stopped");
        scope.log()
                .warning("  %s: this was the first deploy, there is nothing to go back to; its containers are stopped"
                                .formatted(host.name())
                        + " and removed");
        return Optional.empty();
    }

    /** A new connection and our lock again. */
    private void reconnect(HostDeployment host) throws InterruptedException {
        Deadline deadline = scope.in(scope.times().reconnect());
        while (true) {
            host.close();
            try {
                host.connect();
                host.lock(DeployScope.never(), deadline.remaining());
                break;
            } catch (ExecutorException unreachable) {
                if (deadline.hasPassed()) {
                    throw unreachable;
                }
                DeployScope.never().await(BETWEEN_CONNECTS);
            }
        }
    }

    /** The release that another deploy made current while nobody held our lock. */
    private Optional<String> takenOver(HostDeployment host) throws InterruptedException {
        HostState now = host.state();
        Optional<String> current = now.current();
        boolean ours = current.isEmpty()
                || (current.get().equals(failed.id().value()) && !provenByAnother(host, now))
                || current.equals(previous(host).map(release -> release.id().value()));
        return ours ? Optional.empty() : current;
    }

    /** A release that was there before may be what another one wants too, and has proven. */
    private boolean provenByAnother(HostDeployment host, HostState now) {
        return release.isStored()
                && !now.release(failed.id())
                        .flatMap(ReleaseRecord::verified)
                        .equals(state(host).release(failed.id()).flatMap(ReleaseRecord::verified));
    }

    /** To another deploy. */
    private String cede(HostDeployment host, String why) {
        ceded.add(host.name());
        report(host).runs(Optional.empty(), "left to another deploy");
        return "%s: %s; it was left alone, nothing is to be done there: see that job's log".formatted(host.name(), why);
    }

    private String stuck(HostDeployment host, String saw) {
        return words.byHand(host, previous(host), saw, "act now");
    }

    private Optional<ReleaseRecord> previous(HostDeployment host) {
        return release.isBroughtBack()
                ? state(host)
                        .currentRelease()
                        .filter(current -> current.verified().isPresent())
                : state(host).lastVerified();
    }

    private HostState state(HostDeployment host) {
        return Objects.requireNonNull(before.get(host.name()));
    }

    private HostReport report(HostDeployment host) {
        return Objects.requireNonNull(reports.get(host.name()));
    }
}
