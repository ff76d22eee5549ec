package dev.gitopsexecutor.job;

import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.deploy.DeploySpec;
import dev.gitopsexecutor.deploy.Origin;
import dev.gitopsexecutor.deploy.Preview;
import dev.gitopsexecutor.deploy.ShippedFiles;
import dev.gitopsexecutor.model.RegistryLogin;
import dev.gitopsexecutor.policy.Allowed;
import dev.gitopsexecutor.policy.Policy;
import dev.gitopsexecutor.runner.JobResponse;
import java.util.Optional;

/**
 * The end of a job with {@code environment: {action: prepare}}: pulls the images of its commit on every host and prints what
 * a deploy would change.
 */
final class Preparation {
    private final ExecutorConfig config;
    private final JobResponse response;
    private final Stages.Session session;
    private final Invocation invocation;

    Preparation(ExecutorConfig config, JobResponse response, Stages.Session session, Invocation invocation) {
        this.config = config;
        this.response = response;
        this.session = session;
        this.invocation = invocation;
    }

    /** Blocks; throws when the job must be red. */
    void run(Checkout checkout, CommitHistory history, Admission admission, Allowed allowed)
            throws InterruptedException {
        DeploySpec spec = checkout.deploySpec();
        var _ = spec.environment(allowed.environment().name());
        admission.require(Policy.decideRelease(allowed, spec.services().values()), allowed);
        admission.allow(allowed, allowed.identity().environmentAction());
        try (SecretsStep step =
                        new SecretsStep(config, response, session, allowed, spec.project(), invocation.clock());
                Preview preview = Preview.begin(
                        allowed.environment(),
                        new Preview.Source.Job(
                                Origin.of(allowed.identity()),
                                deployed -> history.compare(
                                        deployed, allowed.identity().sha())),
                        spec,
                        step.login(),
                        session.log(),
                        invocation.clock(),
                        invocation.cancellation())) {
            String compose = checkout.text(spec.composePath());
            ShippedFiles shipped = checkout.shipped(spec);
            Optional<RegistryLogin> login =
                    step.readRegistryLogin(spec.services().values());
            preview.pull(compose, shipped, login);
        }
        session.log().success("Prepared: nothing that runs was changed.");
    }
}
