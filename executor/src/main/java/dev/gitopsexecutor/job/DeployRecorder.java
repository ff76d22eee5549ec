package dev.gitopsexecutor.job;

import dev.gitopsexecutor.deploy.DeployOutcome;
import dev.gitopsexecutor.deploy.HostOutcome;
import dev.gitopsexecutor.deploy.Origin;
import dev.gitopsexecutor.deploy.RunningVersion;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.ledger.DeployedSecret;
import dev.gitopsexecutor.ledger.DeploymentRecord;
import dev.gitopsexecutor.ledger.Ledger;
import dev.gitopsexecutor.ledger.SecretSighting;
import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.ProjectName;
import dev.gitopsexecutor.policy.EnvironmentRule;
import dev.gitopsexecutor.policy.HostRule;
import dev.gitopsexecutor.secrets.SecretRef;
import dev.gitopsexecutor.secrets.SecretVersion;
import java.nio.file.Path;
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
    private final Path stateDirectory;
    private final Subject subject;
    private final Need need;
    private final Instant started;
    private final InstantSource clock;
    private Map<String, Long> secrets = Map.of();
    private Optional<SortedMap<EnvKey, SecretSighting>> sightings = Optional.empty();
    private @Nullable RunningVersion begun;

    /**
     * What is deployed where.
     *
     * @param variables of the env file, by name; empty when nobody knows them any more
     * @param isRotation whether the images run there already: how it ends says nothing of them
     */
    record Subject(
            EnvironmentRule rule,
            Origin origin,
            ProjectName project,
            Optional<Set<EnvKey>> variables,
            boolean isRotation,
            DeploymentRecord.Kind kind) {
        Subject {
            variables = variables.map(Set::copyOf);
        }
    }

    DeployRecorder(Path stateDirectory, Subject subject, Need need, Instant started, InstantSource clock) {
        this.stateDirectory = stateDirectory;
        this.subject = subject;
        this.need = need;
        this.started = started;
        this.clock = clock;
    }

    /** A deploy that ends. */
    interface Work {
        DeployOutcome run() throws InterruptedException;
    }

    /** @param seen of the same secrets; empty when the ledger could not tell */
    void read(List<SecretVersion> versions, Optional<SortedMap<EnvKey, SecretSighting>> seen) {
        secrets = versions.stream().collect(Collectors.toMap(SecretVersion::path, SecretVersion::version, Math::max));
        sightings = seen;
    }

    /**
     * The same of a release that is brought back.
     *
     * @param versions by path in Vault
     * @param seen all that it had, and has now
     */
    void read(Map<String, Long> versions, Optional<SortedMap<EnvKey, SecretSighting>> seen) {
        secrets = Map.copyOf(versions);
        sightings = seen;
    }

    /** Throws {@code LEDGER_FAILED}, unless in need. */
    void begin(RunningVersion release) {
        begun = release;
        write(
                need,
                release,
                policyHosts(),
                subject.isRotation() ? DeploymentRecord.ROTATION_BEGUN : DeploymentRecord.BEGUN,
                false);
    }

    /** Records how {@code work} ends; what it throws came before its first change. */
    DeployOutcome watch(Work work) throws InterruptedException {
        try {
            DeployOutcome outcome = work.run();
            writeOrWarn(
                    outcome.wanted(),
                    outcome.hosts().stream().map(HostOutcome::host).toList(),
                    subject.isRotation() && outcome.failure().isPresent()
                            ? DeploymentRecord.ROTATION_FAILED
                            : outcome.word(),
                    outcome.failure().isEmpty());
            return outcome;
        } catch (ExecutorException failed) {
            if (begun != null) {
                writeOrWarn(begun, policyHosts(), DeploymentRecord.NOTHING_CHANGED, false);
            }
            throw failed;
        }
    }

    /**
     * Throws {@code OUTDATED} when the environment got a newer version of a secret while this deploy waited.
     *
     * @param wanted where they are read from; one whose version is named is meant to be that
     */
    void requireNewest(SortedMap<EnvKey, SecretRef> wanted) {
        if (sightings.isPresent()) {
            need.orWithout(this::deployedSecrets, "Nobody can tell whether a secret is newer by now.")
                    .orElse(List.of())
                    .forEach(deployed -> wanted.forEach((variable, ref) -> {
                        if (ref.version().isEmpty()) {
                            requireNotOlder(variable, deployed.secret());
                        }
                    }));
        }
    }

    private List<DeployedSecret> deployedSecrets() {
        try (Ledger ledger = Ledger.open(Ledger.in(stateDirectory))) {
            return ledger.deployedSecrets().stream()
                    .filter(deployed ->
                            deployed.environment().equals(subject.rule().name()))
                    .toList();
        }
    }

    private void requireNotOlder(EnvKey variable, SecretSighting deployed) {
        SecretSighting mine = sightings.orElseThrow().get(variable);
        if (mine != null
                && mine.field().equals(deployed.field())
                && mine.version().isPresent()
                && deployed.version()
                        .filter(newer -> newer.created()
                                .isAfter(mine.version().orElseThrow().created()))
                        .isPresent()) {
            throw new ExecutorException(new Failure(
                    FailureCode.OUTDATED,
                    "deploy with version %d of %s"
                            .formatted(mine.version().orElseThrow().number(), mine.field()),
                    "environment %s, variable %s".formatted(subject.rule().name(), variable),
                    "version %d was deployed while this job waited; nothing was changed"
                            .formatted(deployed.version().orElseThrow().number()),
                    "Retry the job: it reads the new value."));
        }
    }

    private List<HostName> policyHosts() {
        return subject.rule().hosts().stream().map(HostRule::name).toList();
    }

    /** The hosts are as the outcome says; a job that lied about that would do more harm than a missing line. */
    private void writeOrWarn(RunningVersion release, List<HostName> hosts, String outcome, boolean verified) {
        write(new Need(true, need.log()), release, hosts, outcome, verified);
    }

    private void write(Need without, RunningVersion release, List<HostName> hosts, String outcome, boolean verified) {
        var _ = without.orWithout(
                () -> {
                    insert(release, hosts, outcome, verified);
                    return true;
                },
                "The deployment is not in the ledger.");
    }

    private void insert(RunningVersion release, List<HostName> hosts, String outcome, boolean verified) {
        Map<String, String> images = new TreeMap<>();
        release.images().forEach((service, image) -> images.put(service.value(), image.toString()));
        try (Ledger ledger = Ledger.open(Ledger.in(stateDirectory))) {
            ledger.record(new DeploymentRecord(
                    subject.origin(),
                    subject.project(),
                    subject.rule().name(),
                    release.release().value(),
                    images,
                    hosts,
                    secrets,
                    subject.variables(),
                    started,
                    clock.instant(),
                    outcome,
                    verified,
                    subject.kind()));
            if (verified) {
                sightings.ifPresent(seen -> ledger.deployed(
                        subject.rule().name(),
                        subject.origin().project(),
                        release.release().value(),
                        seen,
                        clock.instant()));
            }
        }
    }
}
