package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.deploy.DeployPlan.HostPlan;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.ProjectName;
import dev.gitopsexecutor.model.RegistryLogin;
import dev.gitopsexecutor.policy.Allowed;
import dev.gitopsexecutor.secrets.SecretValue;
import dev.gitopsexecutor.target.SshIdentity;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Brings a stored release back on purpose: exactly the bytes that were proven once, without registry and build, and without
 * Vault where nothing must be as it is there today. What was current before comes back when its checks fail.
 */
public final class Replay implements AutoCloseable {
    private final Allowed allowed;
    private final DeployScope scope;
    private final Cancellation cancellation;
    private final Fleet fleet;
    private final Map<HostName, HostState> states;

    private Replay(
            Allowed allowed,
            DeployScope scope,
            Cancellation cancellation,
            Fleet fleet,
            Map<HostName, HostState> states) {
        this.allowed = allowed;
        this.scope = scope;
        this.cancellation = cancellation;
        this.fleet = fleet;
        this.states = states;
    }

    /** Connects to the hosts and blocks until all have told what they have. */
    public static Replay begin(
            Allowed allowed,
            ProjectName project,
            Supplier<SshIdentity> login,
            JobLog log,
            InstantSource clock,
            Cancellation cancellation,
            DeployTimes times,
            CheckJournal journal)
            throws InterruptedException {
        Origin job = Origin.of(allowed.identity());
        String who = "job %s (going back, pipeline %d, user %s)".formatted(job.job(), job.pipeline(), job.userLogin());
        DeployScope scope =
                Deployment.scope(allowed.environment(), job, who, project, login, times, log, clock, journal);
        Fleet fleet = Deployment.fleet(allowed.environment(), scope);
        try {
            Map<HostName, HostState> states = fleet.each("reading the state", cancellation, host -> {
                var _ = host.connect();
                HostState state = host.state();
                scope.requireOwnReleases(
                        host.name(), state, allowed.environment().name());
                return state;
            });
            return new Replay(allowed, scope, cancellation, fleet, states);
        } catch (ExecutorException | InterruptedException failed) {
            fleet.close();
            scope.close();
            throw failed;
        }
    }

    /** What the job's own pipeline deployed once; empty when the job is to deploy as any other. */
    public Optional<StoredRelease> retried() {
        return stored().retried();
    }

    /** What was there before the job's own pipeline deployed. */
    public StoredRelease undone() {
        return stored().undone();
    }

    private StoredReleases stored() {
        return new StoredReleases(
                states,
                scope.origin(),
                "%s in %s".formatted(scope.project(), allowed.environment().name()),
                allowed.environment().gates().outdated());
    }

    /** What would change, host by host. */
    public List<String> plan(StoredRelease wanted) {
        Map<HostName, HostPlan> hosts = new LinkedHashMap<>();
        states.forEach((host, state) -> {
            Optional<ReleaseRecord> current = state.currentRelease();
            List<String> notes = new ArrayList<>();
            if (current.filter(release -> release.verified().isPresent()).isEmpty()) {
                notes.add("what is current was never verified: if this fails, there is nothing to go back to");
            }
            current.ifPresent(release -> notes.addAll(secretNotes(release, wanted.record())));
            String from = current.map(ReleaseRecord::version)
                    .map(RunningVersion::describe)
                    .orElse("nothing of ours");
            hosts.put(
                    host,
                    new HostPlan("%s -> %s".formatted(from, wanted.version().describe()), true, notes));
        });
        return new DeployPlan(hosts).lines();
    }

    private static List<String> secretNotes(ReleaseRecord from, ReleaseRecord to) {
        List<String> notes = new ArrayList<>();
        to.secrets().forEach((path, version) -> {
            Long now = from.secrets().get(path);
            if (now != null && !now.equals(version)) {
                notes.add("secret %s: version %d -> %d, as stored".formatted(path, now, version));
            }
        });
        return notes;
    }

    /**
     * Blocks until every host is on the wanted release, or back on what it had; as {@link Deployment#finish}.
     *
     * @param latest what was read of {@link StoredRelease#latest}, all of it
     * @param registry asked only when an image is gone from a host; empty when no login is needed
     * @throws ExecutorException for everything that fails before the first change
     */
    public DeployOutcome run(
            StoredRelease wanted,
            DeploySecrets latest,
            Supplier<Optional<RegistryLogin>> registry,
            DeployInput.Gate gate)
            throws InterruptedException {
        // Before anything is changed: without it nothing could be proven, nor put back.
        fleet.each("reaching the application", cancellation, host -> {
            host.requireTunnel(wanted.record().checks().healthUrl());
            return true;
        });
        new FleetLock(fleet, scope, cancellation).acquire();
        Map<HostName, HostState> before = ready(wanted.record(), registry);
        Release release = release(wanted.record(), latest);
        gate.enter(release.record().version(), HostState.currents(before));
        if (!release.isStored()) {
            copy(wanted.record(), release);
        }
        return new DeployTransaction(
                        scope, fleet, release, before, cancellation, SmokeChecks.Kind.AGAIN, Optional.empty())
                .run();
    }

    /** What a host has: of the wanted release, and in all. */
    private record Found(StoredState stored, HostState state) {}

    /** All hosts as they were when the release was chosen, with all its images. */
    private Map<HostName, HostState> ready(ReleaseRecord wanted, Supplier<Optional<RegistryLogin>> registry)
            throws InterruptedException {
        Map<HostName, Found> found =
                fleet.each("looking once more", cancellation, host -> new Found(host.ready(wanted), host.state()));
        Map<HostName, HostState> before = new LinkedHashMap<>();
        found.forEach((host, there) -> before.put(host, there.state()));
        before.forEach((host, now) -> {
            if (!now.current().equals(Objects.requireNonNull(states.get(host)).current())
                    || now.release(wanted.id()).isEmpty()) {
                throw new ExecutorException(new Failure(
                        FailureCode.OUTDATED,
                        "go back to release %s".formatted(wanted.id()),
                        host.value(),
                        "another deploy came to the host while this waited; nothing was changed",
                        "See what is current there, then do this again if it is still wanted."));
            }
        });
        requireUnchanged(wanted, found);
        SchemaGuard.require(wanted, before);
        List<HostDeployment> lacking = fleet.hosts().stream()
                .filter(host -> !Objects.requireNonNull(found.get(host.name()))
                        .stored()
                        .missing()
                        .isEmpty())
                .toList();
        if (!lacking.isEmpty()) {
            pull(wanted, lacking, registry);
        }
        return before;
    }

    /** What comes back is what was proven, as far as the hosts can tell: the same everywhere, and as it was recorded. */
    private static void requireUnchanged(ReleaseRecord wanted, Map<HostName, Found> found) {
        boolean same = found.values().stream()
                        .map(there -> there.stored().files())
                        .distinct()
                        .count()
                <= 1;
        List<HostName> changed = found.entrySet().stream()
                .filter(entry -> !entry.getValue().stored().holds(wanted))
                .map(Map.Entry::getKey)
                .toList();
        if (!same || !changed.isEmpty()) {
            throw unreadable(
                    wanted,
                    changed.isEmpty() ? found.keySet().toString() : changed.toString(),
                    changed.isEmpty()
                            ? "the hosts have different files of it"
                            : "its files there are not those that were deployed");
        }
    }

    private void pull(ReleaseRecord wanted, List<HostDeployment> lacking, Supplier<Optional<RegistryLogin>> registry)
            throws InterruptedException {
        try (var _ = scope.log().section("deploy_images", "Images")) {
            lacking.forEach(host -> scope.log()
                    .fact("%s: an image of the release is gone, pulling it by its digest".formatted(host.name())));
            Optional<RegistryLogin> login = registry.get();
            new Fleet(lacking, scope).pull("pulling", cancellation, host -> host.pull(login, wanted.images()));
        } catch (ExecutorException failed) {
            Failure failure = failed.failure();
            throw new ExecutorException(new Failure(
                    FailureCode.ROLLBACK_IMPOSSIBLE,
                    "go back to release %s".formatted(wanted.id()),
                    failure.on(),
                    "an image of it is gone from the host, and cannot be fetched: cannot %s: %s [%s]\nnothing was changed"
                            .formatted(failure.tried(), failure.saw(), failure.code()),
                    failure.next()));
        }
    }

    /** The stored one itself, unless a value is another today. */
    private Release release(ReleaseRecord wanted, DeploySecrets latest) throws InterruptedException {
        if (latest.values().isEmpty()) {
            return Release.stored(wanted);
        }
        SortedMap<EnvKey, SecretValue> stored = variables(wanted);
        SortedMap<EnvKey, SecretValue> variables = new TreeMap<>(stored);
        variables.putAll(latest.values());
        if (variables.equals(stored)) {
            return Release.stored(wanted);
        }
        SortedMap<String, Long> versions = new TreeMap<>();
        latest.versions().forEach(version -> versions.put(version.path(), version.version()));
        ReleaseRecord copy =
                wanted.copiedBy(scope.origin(), versions, scope.clock().instant());
        return Release.copy(copy, variables);
    }

    private SortedMap<EnvKey, SecretValue> variables(ReleaseRecord wanted) throws InterruptedException {
        Map<HostName, SortedMap<EnvKey, SecretValue>> read =
                fleet.each("reading the env file", cancellation, host -> variables(host, wanted));
        if (new HashSet<>(read.values()).size() > 1) {
            throw unreadable(wanted, read.keySet().toString(), "the hosts have different env files of it");
        }
        return read.values().iterator().next();
    }

    private static SortedMap<EnvKey, SecretValue> variables(HostDeployment host, ReleaseRecord wanted)
            throws InterruptedException {
        StoredFiles files = host.files(wanted.id());
        try {
            return files.variables();
        } catch (IllegalArgumentException foreign) {
            throw unreadable(wanted, host.name().value(), "its env file was changed");
        }
    }

    private static ExecutorException unreadable(ReleaseRecord wanted, String on, String saw) {
        return new ExecutorException(new Failure(
                FailureCode.ROLLBACK_IMPOSSIBLE,
                "give release %s today's values".formatted(wanted.id()),
                on,
                saw + "; nothing was changed",
                "Deploy the commit anew: revert what came after it, and push."));
    }

    private void copy(ReleaseRecord stored, Release release) throws InterruptedException {
        try (var _ = scope.log()
                .section("deploy_release", "Release " + release.record().id())) {
            fleet.write(release.record().id(), "copying the release", host -> {
                host.copy(stored.id(), release);
                return true;
            });
            scope.log()
                    .fact(
                            "copied from %s with other values; Compose reads back all %d variables of the env file exactly"
                                    .formatted(stored.id(), release.variables().size()));
        }
    }

    @Override
    public void close() {
        fleet.close();
        scope.close();
    }
}
