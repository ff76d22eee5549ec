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
import dev.gitopsexecutor.deploy.OutcomeTable;
import dev.gitopsexecutor.deploy.ShippedFiles;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.ledger.DeploymentRecord;
import dev.gitopsexecutor.ledger.SecretSighting;
import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.policy.Allowed;
import dev.gitopsexecutor.policy.Policy;
import dev.gitopsexecutor.runner.JobResponse;
import dev.gitopsexecutor.sandbox.Sandbox;
import dev.gitopsexecutor.secrets.SecretRef;
import java.net.URI;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.stream.Collectors;

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
        Allowed allowed = admission.decide();
        Checkout checkout = new Checkout(sandbox, response, config.docker().buildsDir());
        if (allowed.identity().prepares()) {
            new Preparation(config, response, session, invocation).run(checkout, history(sandbox), admission, allowed);
            return;
        }
        if (!allowed.identity().deploys()) {
            String action = allowed.identity().environmentAction();
            admission.allow(allowed, action);
            log.line("Environment action \"%s\": nothing is deployed.".formatted(action));
            return;
        }
        DeploySpec spec = checkout.deploySpec();
        Optional<DeployOutcome> back = new RollbackStep(
                        config, response, session, invocation, admission, allowed, started)
                .run(spec.project());
        if (back.isPresent()) {
            conclude(back.get(), "Put back, proven healthy.");
            return;
        }
        EnvironmentSpec variables = spec.environment(allowed.environment().name());
        admission.require(Policy.decideRelease(allowed, spec.services().values()), allowed);
        Optional<URI> url = spec.checks(allowed.environment()).publicUrl();
        admission.require(Policy.decidePublicUrl(allowed, url), allowed);
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
                        DeployTimes.defaults())) {
            String compose = checkout.text(spec.composePath());
            ShippedFiles shipped = checkout.shipped(spec);
            DeploySecrets secrets = step.read(spec, variables.secrets());
            recorder.read(secrets.versions(), requireYoung(variables.secrets(), secrets, allowed, admission));
            DeployOutcome outcome = deploy(deployment, compose, shipped, secrets, recorder, step);
            conclude(outcome, "Deployed, proven healthy.");
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

    /** {@code hosts 0.31, images 0.02, …}: where the time went, by the sections of the log. */
    private String phases() {
        return log.took().entrySet().stream()
                .map(phase -> String.format(
                        Locale.ROOT,
                        "%s %.2f",
                        phase.getKey().replaceFirst("^(?:deploy|gitops)_", ""),
                        phase.getValue().toMillis() / 1000.0))
                .collect(Collectors.joining(", "));
    }

    private void conclude(DeployOutcome outcome, String good) {
        try (var _ = log.section("gitops_outcome", "Outcome")) {
            OutcomeTable.render(outcome).forEach(log::line);
            log.line("seconds: " + phases());
        }
        outcome.failure().ifPresent(failure -> {
            throw new ExecutorException(failure);
        });
        log.success(good);
    }
}
