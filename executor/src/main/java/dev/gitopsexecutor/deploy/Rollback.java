package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.checks.CheckResult;
import dev.gitopsexecutor.checks.CheckResult.Failed;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.Deadline;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.ServiceName;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Puts the last verified release back on every host that a failed deploy changed, and proves it. One attempt. */
final class Rollback {
    private static final Duration BETWEEN_CONNECTS = Duration.ofSeconds(2);

    private final DeployScope scope;
    private final Fleet fleet;
    private final ReleaseRecord failed;
    private final Map<HostName, HostState> before;
    private final Map<HostName, HostReport> reports;

    Rollback(
            DeployScope scope,
            Fleet fleet,
            ReleaseRecord failed,
            Map<HostName, HostState> before,
            Map<HostName, HostReport> reports) {
        this.scope = scope;
        this.fleet = fleet;
        this.failed = failed;
        this.before = before;
        this.reports = reports;
    }

    /** The runner's wish to end is not heard here: a host must not stay in between. */
    DeployOutcome run(List<HostDeployment> touched, Failure cause) throws InterruptedException {
        scope.log()
                .warning("Cannot %s: %s. Undoing it on %s."
                        .formatted(
                                cause.tried(),
                                cause.saw().lines().findFirst().orElse("?"),
                                touched.stream()
                                        .map(host -> host.name().value())
                                        .collect(Collectors.joining(", "))));
        Map<HostName, String> stuck = new LinkedHashMap<>();
        JobLog.Section section = scope.log().section("deploy_rollback", "Roll back");
        try {
            new Fleet(touched, scope)
                    .each("putting back", DeployScope.never(), this::putBackOrSay)
                    .forEach((host, problem) -> problem.ifPresent(text -> stuck.put(host, text)));
            // Where putting back failed, the link may still name the failed release: its files stay.
            List<HostDeployment> settled = fleet.hosts().stream()
                    .filter(host -> !stuck.containsKey(host.name()))
                    .toList();
            FailedRelease.retire(failed.id(), cause, settled, scope);
        } finally {
            section.close();
        }
        List<HostOutcome> rows =
                reports.values().stream().map(HostReport::outcome).toList();
        if (!stuck.isEmpty()) {
            return new DeployOutcome.RollbackFailed(failed.version(), rows, stuckFailure(cause, stuck.values()));
        }
        List<HostName> first = touched.stream()
                .filter(host -> previous(host).isEmpty())
                .map(HostDeployment::name)
                .toList();
        return first.isEmpty()
                ? new DeployOutcome.RolledBack(
                        failed.version(), rows, and(cause, "every changed host runs its last verified release again"))
                : new DeployOutcome.NothingToRollBackTo(
                        failed.version(),
                        rows,
                        and(
                                cause,
                                "on %s there was nothing to go back to: its new containers are removed"
                                        .formatted(first)));
    }

    private static Failure and(Failure cause, String now) {
        return new Failure(cause.code(), cause.tried(), cause.on(), cause.saw() + "\nnow: " + now, cause.next());
    }

    /** What is wrong with a host that could not be put back, and what an operator has to do there. */
    private Optional<String> putBackOrSay(HostDeployment host) throws InterruptedException {
        Instant start = scope.clock().instant();
        try {
            if (!host.isReachable()) {
                reconnect(host);
                Optional<String> taken = takenOver(host);
                if (taken.isPresent()) {
                    return taken.map(release -> leave(host, release));
                }
            }
            return previous(host).isPresent() ? putBack(host, previous(host).get()) : removeFirst(host);
        } catch (ExecutorException again) {
            return Optional.of(unknown(host, again.failure().saw()));
        } catch (RuntimeException bug) {
            return Optional.of(unknown(host, bug.toString()));
        } finally {
            report(host).spent(start, scope.clock().instant());
        }
    }

    private String unknown(HostDeployment host, String why) {
        report(host).runs(Optional.empty(), "unknown: rollback failed");
        return stuck(host, "nobody knows what runs: " + why);
    }

    private Optional<String> putBack(HostDeployment host, ReleaseRecord previous) throws InterruptedException {
        scope.log().fact("%s: putting back %s".formatted(host.name(), previous.id()));
        host.activate(previous);
        Set<ServiceName> added = new TreeSet<>(failed.images().keySet());
        added.removeAll(previous.images().keySet());
        if (!added.isEmpty()) {
            host.removeServices(failed.id(), added);
        }
        List<CheckResult> results = new ReleaseCheck(host, previous, scope, DeployScope.never()).run();
        CheckLines.of(results).forEach(line -> scope.log().fact("%s: %s".formatted(host.name(), line)));
        if (results.getLast() instanceof Failed wrong) {
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
        scope.log().fact("%s: the connection was lost, connecting again".formatted(host.name()));
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
        Optional<String> current = host.state().current();
        boolean ours = current.isEmpty()
                || current.get().equals(failed.id().value())
                || current.equals(previous(host).map(release -> release.id().value()));
        return ours ? Optional.empty() : current;
    }

    private String leave(HostDeployment host, String release) {
        report(host).runs(Optional.empty(), "left to another deploy");
        return "%s: another deploy made %s current meanwhile; it was left alone, nothing is to be done there: see that job's log"
                .formatted(host.name(), release);
    }

    /** What an operator has to do on a host, in commands that touch no service but those of the release. */
    private String stuck(HostDeployment host, String saw) {
        String commands = previous(host)
                .map(release -> "ln -sfn .gitops/releases/%s %s/current\n  %s up -d --no-deps --pull never %s"
                        .formatted(release.id(), scope.directory(), compose(release), services(release)))
                .orElseGet(() -> "%s rm --stop --force %s".formatted(compose(failed), services(failed)));
        return "%s: %s\n  act now: as %s run:\n  %s"
                .formatted(host.name(), saw, host.host().endpoint(), commands);
    }

    private String compose(ReleaseRecord release) {
        String files = "%s/.gitops/releases/%s".formatted(scope.directory(), release.id());
        return "docker compose -p %s --project-directory %s -f %s/compose.yaml -f %s/compose.override.yaml --env-file /dev/null"
                .formatted(scope.project(), files, files, files);
    }

    private static String services(ReleaseRecord release) {
        return release.images().keySet().stream().map(ServiceName::value).collect(Collectors.joining(" "));
    }

    private Failure stuckFailure(Failure cause, Collection<String> stuck) {
        return new Failure(
                FailureCode.ROLLBACK_FAILED,
                "put the last release back",
                "%s in %s".formatted(scope.project(), failed.environment()),
                "the deploy failed: %s\n%s".formatted(cause.saw(), String.join("\n", stuck)),
                "Tell the operators: on each host above with commands run them, then look at its containers.");
    }

    private Optional<ReleaseRecord> previous(HostDeployment host) {
        return Objects.requireNonNull(before.get(host.name())).lastVerified();
    }

    private HostReport report(HostDeployment host) {
        return Objects.requireNonNull(reports.get(host.name()));
    }
}
