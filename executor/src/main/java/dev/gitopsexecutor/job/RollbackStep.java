package dev.gitopsexecutor.job;

import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.deploy.DeployInput;
import dev.gitopsexecutor.deploy.DeployOutcome;
import dev.gitopsexecutor.deploy.DeploySecrets;
import dev.gitopsexecutor.deploy.DeployTimes;
import dev.gitopsexecutor.deploy.Origin;
import dev.gitopsexecutor.deploy.Replay;
import dev.gitopsexecutor.deploy.RunningVersion;
import dev.gitopsexecutor.deploy.StoredRelease;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.identity.VerifiedIdentity;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.ledger.DeploymentRecord;
import dev.gitopsexecutor.ledger.Ledger;
import dev.gitopsexecutor.ledger.SecretSighting;
import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.ProjectName;
import dev.gitopsexecutor.policy.Allowed;
import dev.gitopsexecutor.policy.Policy;
import dev.gitopsexecutor.policy.PromotionCheck;
import dev.gitopsexecutor.policy.SshRule;
import dev.gitopsexecutor.runner.JobResponse;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The deploy of a job that goes back on purpose: one that is called rollback, or one that is run again after another
 * release replaced its own. It brings back what the hosts have kept, whatever the job's commit says by now.
 */
final class RollbackStep {
    /** {@code rollback}, {@code rollback:staging}, {@code rollback staging}. */
    private static final Pattern NAME = Pattern.compile("rollback(?:[: ].*)?");

    private final ExecutorConfig config;
    private final JobResponse response;
    private final Stages.Session session;
    private final Invocation invocation;
    private final Admission admission;
    private final Allowed allowed;
    private final DeployEnd end;
    private final Instant started;
    private final JobLog log;
    private final Need need;

    RollbackStep(
            ExecutorConfig config,
            JobResponse response,
            Stages.Session session,
            Invocation invocation,
            Admission admission,
            Allowed allowed,
            DeployEnd end,
            Instant started) {
        this.config = config;
        this.response = response;
        this.session = session;
        this.invocation = invocation;
        this.admission = admission;
        this.allowed = allowed;
        this.end = end;
        this.started = started;
        this.log = session.log();
        this.need = Need.of(allowed, log);
    }

    /** Empty when the job is to deploy as any other. */
    Optional<DeployOutcome> run(ProjectName project) throws InterruptedException {
        boolean undoes = response.name().filter(NAME.asMatchPredicate()).isPresent();
        if (undoes) {
            end.isRollback();
            admission.require(Policy.decideRollback(allowed), allowed);
        } else if (!need.orWithout(this::wasReplaced, "Nobody can tell whether this job was here before.")
                .orElse(false)) {
            return Optional.empty();
        }
        try (SecretsStep secrets = new SecretsStep(config, response, session, allowed, project, invocation.clock());
                Replay replay = Replay.begin(
                        allowed,
                        project,
                        secrets.login(),
                        log,
                        invocation.clock(),
                        invocation.cancellation(),
                        DeployTimes.defaults(),
                        end.checks())) {
            Optional<StoredRelease> wanted = undoes ? Optional.of(replay.undone()) : replay.retried();
            if (wanted.isEmpty()) {
                return Optional.empty();
            }
            end.isRollback();
            admission.require(Policy.decideRollback(allowed), allowed);
            return Optional.of(bringBack(wanted.get(), replay, secrets, project));
        }
    }

    /** Whether this machine knows that the job's own pipeline was verified there, and that something else is current. */
    private boolean wasReplaced() {
        try (Ledger ledger = Ledger.open(Ledger.in(config.stateDir()))) {
            VerifiedIdentity job = allowed.identity();
            EnvironmentName environment = allowed.environment().name();
            boolean current = ledger.newestVerified(environment, job.projectId())
                    .filter(newest -> newest.origin().pipeline() == job.pipelineId()
                            && newest.origin().sha().equals(job.sha()))
                    .isPresent();
            return !current
                    && ledger.newestVerified(environment, job.projectId(), job.pipelineId(), job.sha())
                            .isPresent();
        }
    }

    private DeployOutcome bringBack(StoredRelease wanted, Replay replay, SecretsStep secrets, ProjectName project)
            throws InterruptedException {
        end.begins(allowed, wanted.version().tags());
        Known known = known(wanted);
        say(wanted, replay, known);
        secrets.require(wanted.latest());
        DeployRecorder recorder = recorder(wanted, project, known);
        Gate gate = new Gate(wanted, recorder, secrets);
        gate.require(wanted.images());
        DeploySecrets latest = latest(wanted, secrets, recorder, known);
        DeployOutcome outcome;
        try {
            outcome = recorder.watch(
                    () -> replay.run(wanted, latest, () -> secrets.readRegistryLogin(wanted.images()), gate));
        } catch (ExecutorException nothingChanged) {
            secrets.abandon();
            throw nothingChanged;
        }
        secrets.settle(outcome);
        return outcome;
    }

    private void say(StoredRelease wanted, Replay replay, Known known) {
        try (var _ = log.section("gitops_rollback", "Going back")) {
            log.line("This job puts %s back.".formatted(wanted.describe()));
            log.line(used(wanted));
            replay.plan(wanted).forEach(log::fact);
            if (!known.rotated().isEmpty()) {
                log.warning(
                        "  Rotated since that release: %s. The old values come back; where they are revoked, name the"
                                        .formatted(names(known.rotated()))
                                + " variables under latest_on_rollback in .gitops/deploy.yaml, and revert the commit instead.");
            }
        }
    }

    private static String names(Collection<EnvKey> keys) {
        return keys.stream().map(EnvKey::value).collect(Collectors.joining(", "));
    }

    private String used(StoredRelease wanted) {
        if (!wanted.latest().isEmpty()) {
            return "Nothing is built or pulled; only %s is read from Vault anew, as latest_on_rollback says."
                    .formatted(names(wanted.latest().keySet()));
        }
        return allowed.environment().ssh() instanceof SshRule.KeyFile
                ? "Nothing is built, pulled or read from Vault."
                : "Nothing is built or pulled, and Vault gave nothing but the login to the hosts.";
    }

    /**
     * What the ledger knows of a release.
     *
     * @param secrets that it had when it was verified
     * @param rotated those that have another value since, and will have the old one
     * @param variables of its env file
     */
    private record Known(
            SortedMap<EnvKey, SecretSighting> secrets, List<EnvKey> rotated, Optional<Set<EnvKey>> variables) {}

    /** Nothing when the ledger cannot be asked: the hosts have the release all the same. */
    private Known known(StoredRelease wanted) {
        EnvironmentName environment = allowed.environment().name();
        Origin content = wanted.origin();
        try (Ledger ledger = Ledger.open(Ledger.in(config.stateDir()))) {
            SortedMap<EnvKey, SecretSighting> secrets = ledger.secretsOf(
                    environment, content.project(), wanted.version().release().value());
            List<EnvKey> rotated = secrets.entrySet().stream()
                    .filter(entry -> !wanted.latest().containsKey(entry.getKey()) && ledger.isRotated(entry.getValue()))
                    .map(Map.Entry::getKey)
                    .toList();
            Optional<Set<EnvKey>> variables = ledger.newestVerified(
                            environment, content.project(), content.pipeline(), content.sha())
                    .flatMap(DeploymentRecord::variables);
            return new Known(secrets, rotated, variables);
        } catch (ExecutorException failed) {
            log.warning("Nobody can tell which secrets were rotated since.\n"
                    + failed.failure().block());
            return new Known(new TreeMap<>(), List.of(), Optional.empty());
        }
    }

    private DeployRecorder recorder(StoredRelease wanted, ProjectName project, Known known) {
        VerifiedIdentity job = allowed.identity();
        Origin content = wanted.origin();
        // The commit and pipeline are those of what comes; who brings it is this job.
        Origin origin = new Origin(
                job.jobId(),
                content.pipeline(),
                content.project(),
                content.projectPath(),
                content.sha(),
                job.userId(),
                job.userLogin());
        return new DeployRecorder(
                config.stateDir(),
                new DeployRecorder.Subject(
                        allowed.environment(),
                        origin,
                        project,
                        known.variables(),
                        false,
                        DeploymentRecord.Kind.ROLLBACK),
                need,
                started,
                invocation.clock());
    }

    /** What the stored release names for it, read anew; and all that it will have, for the ledger. */
    private DeploySecrets latest(StoredRelease wanted, SecretsStep secrets, DeployRecorder recorder, Known knowledge) {
        SortedMap<EnvKey, SecretSighting> sightings = new TreeMap<>(knowledge.secrets());
        SortedMap<String, Long> versions = new TreeMap<>(wanted.secrets());
        DeploySecrets latest = DeploySecrets.NONE;
        if (!wanted.latest().isEmpty()) {
            latest = read(wanted, secrets);
            latest.versions().forEach(version -> versions.put(version.path(), version.version()));
            new SecretAges(config.stateDir(), allowed.environment(), log)
                    .seeIfPossible(wanted.latest(), latest, invocation.clock().instant(), need)
                    .ifPresent(seen -> sightings.putAll(seen.sightings()));
        }
        // Where the ledger never heard of them, what it knows of the environment is better than nothing.
        boolean known = !knowledge.secrets().isEmpty() || wanted.secrets().isEmpty();
        recorder.read(versions, known ? Optional.of(sightings) : Optional.empty());
        return latest;
    }

    private static DeploySecrets read(StoredRelease wanted, SecretsStep secrets) {
        try {
            return secrets.read(wanted.latest());
        } catch (ExecutorException failed) {
            Failure failure = failed.failure();
            throw new ExecutorException(
                    new Failure(
                            failure.code(),
                            failure.tried(),
                            failure.on(),
                            "%s\nthe stored release wants today's value of %s (latest_on_rollback); nothing was changed"
                                    .formatted(
                                            failure.saw(), names(wanted.latest().keySet())),
                            failure.next()),
                    failed);
        }
    }

    /** What was verified here may come back; everything else is asked as for a deploy. */
    private final class Gate implements DeployInput.Gate {
        private final StoredRelease wanted;
        private final DeployRecorder recorder;
        private final SecretsStep secrets;

        Gate(StoredRelease wanted, DeployRecorder recorder, SecretsStep secrets) {
            this.wanted = wanted;
            this.recorder = recorder;
            this.secrets = secrets;
        }

        @Override
        public void require(Collection<ImageRef> images) {
            admission.require(Policy.decideRelease(allowed, images), allowed);
            Optional<PromotionCheck> check = admission.undecidedWhenFailing(() -> Promotions.check(
                    config, allowed, Set.of(), invocation.clock().instant()));
            admission.require(check.flatMap(promotion -> promotion.decideReturn(images)), allowed);
        }

        /** The wait for the locks may have been long. */
        @Override
        public void enter(RunningVersion release, Map<HostName, Optional<String>> current) {
            admission.decideAgain(allowed);
            recorder.begin(release);
            if (!release.release().equals(wanted.version().release())) {
                secrets.share(wanted.version().release(), release.release());
                secrets.keepFor(release.release());
            }
            admission.allow(allowed, DecisionLog.ROLLBACK);
        }
    }
}
