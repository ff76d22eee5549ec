package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.ProjectName;
import dev.gitopsexecutor.policy.Maintenance;
import dev.gitopsexecutor.secrets.SecretValue;
import dev.gitopsexecutor.target.SshIdentity;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;

/** The verified release that every host of an environment runs, read back from them whole. */
public final class RunningRelease {
    private static final String TRIED = "read the running release";

    private final ReleaseRecord record;
    private final String compose;
    private final ShippedFiles shipped;
    private final SortedMap<EnvKey, SecretValue> variables;

    private RunningRelease(
            ReleaseRecord record, String compose, ShippedFiles shipped, SortedMap<EnvKey, SecretValue> variables) {
        this.record = record;
        this.compose = compose;
        this.shipped = shipped;
        this.variables = variables;
    }

    /**
     * Connects to every host and blocks until all have told.
     *
     * @param project that is deployed there
     * @throws ExecutorException {@code HOST_UNSUITABLE} when they do not all run the same verified release
     */
    public static RunningRelease read(
            Maintenance permission,
            Origin origin,
            ProjectName project,
            Supplier<SshIdentity> login,
            JobLog log,
            InstantSource clock,
            Cancellation cancellation)
            throws InterruptedException {
        DeployScope scope = Deployment.scope(
                permission.environment(),
                origin,
                "operator " + permission.operator(),
                project,
                login,
                DeployTimes.defaults(),
                log,
                clock,
                new CheckJournal(clock));
        try (scope;
                Fleet fleet = Deployment.fleet(permission.environment(), scope)) {
            Map<HostName, RunningRelease> running = fleet.each("reading", cancellation, host -> {
                var _ = host.connect();
                return on(host);
            });
            return same(running, permission.environment().name());
        }
    }

    private static RunningRelease on(HostDeployment host) throws InterruptedException {
        ReleaseRecord record = host.state()
                .currentRelease()
                .filter(release -> release.verified().isPresent())
                .orElseThrow(() -> unsuitable(host.host().endpoint(), "no verified release is current there"));
        StoredFiles files = host.files(record.id());
        try {
            ShippedFiles shipped = files.shipped();
            if (record.files().filter(hash -> !hash.equals(shipped.hash())).isPresent()) {
                throw new IllegalArgumentException();
            }
            return new RunningRelease(record, files.compose(), shipped, files.variables());
        } catch (IllegalArgumentException foreign) {
            throw unsuitable(host.host().endpoint(), "the files of release %s were changed".formatted(record.id()));
        }
    }

    private static RunningRelease same(Map<HostName, RunningRelease> running, EnvironmentName environment) {
        List<RunningRelease> all = List.copyOf(running.values());
        RunningRelease first = all.getFirst();
        if (all.stream().anyMatch(other -> !first.isSameAs(other))) {
            TreeSet<String> told = new TreeSet<>();
            running.forEach((host, release) -> told.add("%s: %s".formatted(host, release.record.id())));
            throw unsuitable("environment " + environment, "its hosts differ: " + String.join(", ", told));
        }
        return first;
    }

    private boolean isSameAs(RunningRelease other) {
        return record.equals(other.record)
                && compose.equals(other.compose)
                && shipped.equals(other.shipped)
                && variables.equals(other.variables);
    }

    private static ExecutorException unsuitable(String on, String saw) {
        return new ExecutorException(
                new Failure(FailureCode.HOST_UNSUITABLE, TRIED, on, saw, "Deploy there by a job, then do this again."));
    }

    public RunningVersion version() {
        return record.version();
    }

    /** The same images and checks, to be deployed once more with the variables that come beside it. */
    public DeploySpec spec() {
        return new DeploySpec(
                "compose.yaml of release " + record.id(),
                record.project(),
                record.images(),
                new TreeMap<>(Map.of(record.environment(), latest())),
                record.checks(),
                record.schema(),
                record.workload().jobs(),
                List.of());
    }

    /** The variables themselves come beside it; what a rollback to the new release reads anew is kept. */
    private EnvironmentSpec latest() {
        return new EnvironmentSpec(
                new TreeMap<>(),
                record.latest(),
                new TreeSet<>(),
                new TreeSet<>(record.latest().keySet()));
    }

    public String compose() {
        return compose;
    }

    public ShippedFiles shipped() {
        return shipped;
    }

    /** The env file's whole content, plain values and secrets alike. */
    public SortedMap<EnvKey, SecretValue> variables() {
        return variables;
    }

    /** By path in Vault, the version that its secrets are of. */
    public SortedMap<String, Long> secrets() {
        return record.secrets();
    }
}
