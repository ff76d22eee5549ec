package dev.gitopsexecutor.job;

import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.deploy.DeployOutcome;
import dev.gitopsexecutor.deploy.HostOutcome;
import dev.gitopsexecutor.deploy.Origin;
import dev.gitopsexecutor.deploy.RunningVersion;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.ledger.DeploymentRecord;
import dev.gitopsexecutor.ledger.Ledger;
import dev.gitopsexecutor.ledger.SecretSighting;
import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.ProjectName;
import dev.gitopsexecutor.policy.Allowed;
import dev.gitopsexecutor.policy.HostRule;
import dev.gitopsexecutor.secrets.SecretVersion;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one deployment in the ledger: as begun before its first change, as it ended after. What is begun and never ended is
 * no proof of anything.
 */
final class DeployRecorder {
    private final ExecutorConfig config;
    private final Allowed allowed;
    private final ProjectName project;
    private final Set<EnvKey> variables;
    private final Instant started;
    private final InstantSource clock;
    private final JobLog log;
    private Map<String, Long> secrets = Map.of();
    private Optional<SortedMap<EnvKey, SecretSighting>> sightings = Optional.empty();
    private @Nullable RunningVersion begun;

    DeployRecorder(
            ExecutorConfig config,
            Allowed allowed,
            ProjectName project,
            Set<EnvKey> variables,
            Instant started,
            InstantSource clock,
            JobLog log) {
        this.config = config;
        this.allowed = allowed;
        this.project = project;
        this.variables = Set.copyOf(variables);
        this.started = started;
        this.clock = clock;
        this.log = log;
    }

    /** A deploy that ends. */
    interface Work {
        DeployOutcome run() throws InterruptedException;
    }

    /** @param seen of the same secrets; empty when the ledger could not tell */
    void read(List<SecretVersion> versions, Optional<SortedMap<EnvKey, SecretSighting>> seen) {
        secrets = versions.stream().collect(Collectors.toMap(SecretVersion::path, SecretVersion::version));
        sightings = seen;
    }

    /** Throws {@code LEDGER_FAILED}, unless the glass is broken: in need a release matters more than its record. */
    void begin(RunningVersion release) {
        begun = release;
        try {
            write(release, policyHosts(), DeploymentRecord.BEGUN, false);
        } catch (ExecutorException failed) {
            if (allowed.brokenGlass().isEmpty()) {
                throw failed;
            }
            warn(failed);
        }
    }

    /** Records how {@code work} ends; what it throws came before its first change. */
    DeployOutcome watch(Work work) throws InterruptedException {
        try {
            DeployOutcome outcome = work.run();
            writeOrWarn(
                    outcome.wanted(),
                    outcome.hosts().stream().map(HostOutcome::host).toList(),
                    outcome.word(),
                    outcome.failure().isEmpty());
            return outcome;
        } catch (ExecutorException failed) {
            if (begun != null) {
                writeOrWarn(begun, policyHosts(), DeploymentRecord.NOTHING_CHANGED, false);
            }
            throw failed;
        }
    }

    private List<HostName> policyHosts() {
        return allowed.environment().hosts().stream().map(HostRule::name).toList();
    }

    /** The hosts are as the outcome says; a job that lied about that would do more harm than a missing line. */
    private void writeOrWarn(RunningVersion release, List<HostName> hosts, String outcome, boolean verified) {
        try {
            write(release, hosts, outcome, verified);
        } catch (ExecutorException failed) {
            warn(failed);
        }
    }

    private void warn(ExecutorException failed) {
        log.warning("The deployment is not in the ledger.\n" + failed.failure().block());
    }

    private void write(RunningVersion release, List<HostName> hosts, String outcome, boolean verified) {
        Map<String, String> images = new TreeMap<>();
        release.images().forEach((service, image) -> images.put(service.value(), image.toString()));
        try (Ledger ledger = Ledger.open(Ledger.in(config.stateDir()))) {
            ledger.record(new DeploymentRecord(
                    Origin.of(allowed.identity()),
                    project,
                    allowed.environment().name(),
                    release.release().value(),
                    images,
                    hosts,
                    secrets,
                    Optional.of(variables),
                    started,
                    clock.instant(),
                    outcome,
                    verified));
            if (verified) {
                sightings.ifPresent(seen -> ledger.deployed(
                        allowed.environment().name(), allowed.identity().projectId(), seen, clock.instant()));
            }
        }
    }
}
