package dev.gitopsexecutor.job;

import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.deploy.DeployInput;
import dev.gitopsexecutor.deploy.DeployOutcome;
import dev.gitopsexecutor.deploy.DeploySecrets;
import dev.gitopsexecutor.deploy.DeploySpec;
import dev.gitopsexecutor.deploy.DeployTimes;
import dev.gitopsexecutor.deploy.Deployment;
import dev.gitopsexecutor.deploy.EnvironmentSpec;
import dev.gitopsexecutor.deploy.Origin;
import dev.gitopsexecutor.deploy.ShippedFiles;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.ledger.DeploymentRecord;
import dev.gitopsexecutor.ledger.SecretSighting;
import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.policy.Allowed;
import dev.gitopsexecutor.policy.Policy;
import dev.gitopsexecutor.runner.JobResponse;
import dev.gitopsexecutor.sandbox.Sandbox;
import dev.gitopsexecutor.secrets.SecretRef;
import java.time.Instant;
import java.util.Optional;
import java.util.SortedMap;

/** The deploy at the end of a green {@code build_script}: decide again, read what is committed, deploy, record. */
final class DeployStep {
    private final ExecutorConfig config;
    private final JobResponse response;
    private final Stages.Session session;
    private final Invocation invocation;
    private final JobLog log;

    DeployStep(ExecutorConfig config, JobResponse response, Stages.Session session, Invocation invocation) {
        this.config = config;
        this.response = response;
        this.session = session;
        this.invocation = invocation;
        this.log = session.log();
    }

    /** Returns when the deploy is green or the job is not one that deploys; throws when the job must be red. */
    void run(Sandbox sandbox) throws InterruptedException {
        Instant started = invocation.clock().instant();
        Admission admission = new Admission(config, response, DecisionLog.DEPLOY, invocation.clock(), log);
        Checkout checkout = new Checkout(sandbox, response, config.docker().buildsDir());
        ReportWriter writer =
                new ReportWriter(sandbox, response, config.docker().buildsDir());
        DeployEnd end = new DeployEnd(
                config, response, admission, checkout, writer, started, invocation.clock(), session.masker(), log);
        Optional<DeployOutcome> outcome;
        try {
            outcome = run(sandbox, admission, checkout, end, started);
        } catch (ExecutorException nothingChanged) {
            end.conclude(nothingChanged.failure());
            throw nothingChanged;
        } catch (RuntimeException bug) {
            end.conclude(Failure.internal("deploy", "job " + response.id(), bug));
            throw bug;
        }
        outcome.ifPresent(end::conclude);
    }

    /** Empty when the job is not one that deploys; throws what comes before the first change. */
    private Optional<DeployOutcome> run(
            Sandbox sandbox, Admission admission, Checkout checkout, DeployEnd end, Instant started)
            throws InterruptedException {
        Allowed allowed = admission.decide();
        if (allowed.identity().prepares()) {
            new Preparation(config, response, session, invocation).run(checkout, history(sandbox), admission, allowed);
            return Optional.empty();
        }
        if (!allowed.identity().deploys()) {
            String action = allowed.identity().environmentAction();
            admission.allow(allowed, action);
            log.line("Environment action \"%s\": nothing is deployed.".formatted(action));
            return Optional.empty();
        }
        DeploySpec spec = checkout.deploySpec();
        end.deploys(
                spec.project(),
                Optional.ofNullable(
                                spec.environments().get(allowed.environment().name()))
                        .flatMap(EnvironmentSpec::url));
        Optional<DeployOutcome> back = new RollbackStep(
                        config, response, session, invocation, admission, allowed, end, started)
                .run(spec.project());
        if (back.isPresent()) {
            return back;
        }
        EnvironmentSpec variables = spec.environment(allowed.environment().name());
        admission.require(Policy.decideRelease(allowed, spec.services().values()), allowed);
        admission.require(
                Policy.decidePublicPlaces(
                        allowed, spec.checks(allowed.environment()).publicPlaces()),
                allowed);
        end.begins(allowed, spec.tags());
        SecretsStep step = new SecretsStep(config, response, session, allowed, spec.project(), invocation.clock());
        step.require(variables.secrets());
        DeployRecorder recorder = new DeployRecorder(
                config.stateDir(),
                new DeployRecorder.Subject(
                        allowed.environment(),
                        Origin.of(allowed.identity()),
                        spec.project(),
                        Optional.of(variables.names()),
                        false,
                        DeploymentRecord.Kind.DEPLOY),
                Need.of(allowed, log),
                started,
                invocation.clock());
        ReleaseGate gate = new ReleaseGate(
                config, admission, allowed, recorder, step, variables, history(sandbox), invocation.clock(), log);
        gate.requireAnyEvidence();
        try (step;
                Deployment deployment = Deployment.begin(
                        DeployInput.of(allowed, spec, gate, container(sandbox, allowed, variables)),
                        step.login(),
                        log,
                        invocation.clock(),
                        invocation.cancellation(),
                        DeployTimes.defaults(),
                        end.checks())) {
            String compose = checkout.text(spec.composePath());
            ShippedFiles shipped = checkout.shipped(spec);
            DeploySecrets secrets = step.read(spec, variables.secrets());
            recorder.read(secrets.versions(), requireYoung(variables.secrets(), secrets, allowed, admission));
            return Optional.of(deploy(deployment, compose, shipped, secrets, recorder, step));
        }
    }

    private SmokeContainer container(Sandbox sandbox, Allowed allowed, EnvironmentSpec environment) {
        return new SmokeContainer(
                sandbox,
                response.id(),
                response.projectDirectory(config.docker().buildsDir()),
                allowed.environment().name().value(),
                environment.url(),
                invocation.cancellation());
    }

    private CommitHistory history(Sandbox sandbox) {
        return new CommitHistory(sandbox, response, config.issuer().caFile(), log);
    }

    private static DeployOutcome deploy(
            Deployment deployment,
            String compose,
            ShippedFiles shipped,
            DeploySecrets secrets,
            DeployRecorder recorder,
            SecretsStep step)
            throws InterruptedException {
        DeployOutcome outcome;
        try {
            outcome = recorder.watch(() -> deployment.finish(compose, shipped, secrets));
        } catch (ExecutorException nothingChanged) {
            step.abandon();
            throw nothingChanged;
        }
        step.settle(outcome);
        return outcome;
    }

    /** Records the secrets as seen, deployed or not, and throws when the policy refuses one for its age. */
    private Optional<SortedMap<EnvKey, SecretSighting>> requireYoung(
            SortedMap<EnvKey, SecretRef> wanted, DeploySecrets secrets, Allowed allowed, Admission admission) {
        SecretAges ages = new SecretAges(config.stateDir(), allowed.environment(), log);
        Optional<SecretAges.Seen> seen = admission.undecidedWhenFailing(
                () -> ages.seeIfPossible(wanted, secrets, invocation.clock().instant(), Need.of(allowed, log)));
        seen.ifPresent(read -> admission.require(Policy.decideSecretAges(allowed, read.ages()), allowed));
        return seen.map(SecretAges.Seen::sightings);
    }
}
