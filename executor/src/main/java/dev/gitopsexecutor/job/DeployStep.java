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
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.ledger.DeploymentRecord;
import dev.gitopsexecutor.ledger.Ledger;
import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.policy.Allowed;
import dev.gitopsexecutor.policy.Policy;
import dev.gitopsexecutor.policy.PromotionCheck;
import dev.gitopsexecutor.runner.JobResponse;
import dev.gitopsexecutor.sandbox.Sandbox;
import dev.gitopsexecutor.secrets.SecretRef;
import dev.gitopsexecutor.secrets.SecretVersion;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
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
        Admission admission = new Admission(config, response, "deploy", invocation.clock(), log);
        Allowed allowed = admission.decide();
        if (!allowed.identity().deploys()) {
            log.line("Environment action \"%s\": nothing is deployed."
                    .formatted(allowed.identity().environmentAction()));
            return;
        }
        Checkout checkout = new Checkout(sandbox, response, config.docker().buildsDir());
        DeploySpec spec = checkout.deploySpec();
        admission.require(Policy.decideRelease(allowed, spec.services().values()), allowed);
        Optional<PromotionCheck> promotion = Promotions.check(config, allowed, started);
        admission.require(promotion.flatMap(PromotionCheck::decideEarly), allowed);
        SortedMap<EnvKey, SecretRef> wanted = environment(spec, allowed).secrets();
        var input = new DeployInput(
                allowed, spec, images -> admission.require(promotion.flatMap(check -> check.decide(images)), allowed));
        try (Deployment deployment =
                Deployment.begin(input, log, invocation.clock(), invocation.cancellation(), DeployTimes.defaults())) {
            String compose = checkout.text(spec.composePath());
            DeploySecrets secrets = new SecretsStep(config, response, session).read(allowed, spec, wanted);
            DeployOutcome outcome = deployment.finish(compose, secrets);
            record(input, secrets, outcome, started);
            conclude(outcome);
        }
    }

    private static EnvironmentSpec environment(DeploySpec spec, Allowed allowed) {
        EnvironmentName name = allowed.environment().name();
        EnvironmentSpec environment = spec.environments().get(name);
        if (environment == null) {
            throw new ExecutorException(new Failure(
                    FailureCode.DEPLOY_SPEC_INVALID,
                    "find what to deploy",
                    Checkout.DEPLOY_SPEC,
                    "it has no environment \"%s\", only %s"
                            .formatted(name, spec.environments().keySet()),
                    "Add `environments: {%s: …}` with the values and secret names of that environment."
                            .formatted(name)));
        }
        return environment;
    }

    private void record(DeployInput input, DeploySecrets secrets, DeployOutcome outcome, Instant started) {
        Map<String, Long> versions =
                secrets.versions().stream().collect(Collectors.toMap(SecretVersion::path, SecretVersion::version));
        Map<String, String> images = new TreeMap<>();
        outcome.wanted().images().forEach((service, image) -> images.put(service.value(), image.toString()));
        var entry = new DeploymentRecord(
                Origin.of(input.allowed().identity()),
                input.spec().project(),
                input.allowed().environment().name(),
                outcome.wanted().release().value(),
                images,
                outcome.hosts().stream().map(host -> host.host()).toList(),
                versions,
                started,
                invocation.clock().instant(),
                outcome.word(),
                outcome.failure().isEmpty());
        try (Ledger ledger = Ledger.open(config.stateDir().resolve("ledger.db"))) {
            ledger.record(entry);
        } catch (ExecutorException failed) {
            // The hosts are as the outcome says; a job that lied about that would do more harm than a missing line.
            log.warning(
                    "The deployment is not in the ledger.\n" + failed.failure().block());
        }
    }

    private void conclude(DeployOutcome outcome) {
        try (var _ = log.section("gitops_outcome", "Outcome")) {
            OutcomeTable.render(outcome).forEach(log::line);
        }
        outcome.failure().ifPresent(failure -> {
            throw new ExecutorException(failure);
        });
        log.success("Deployed, proven healthy.");
    }
}
