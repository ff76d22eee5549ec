package dev.gitopsexecutor.job;

import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.policy.Allowed;
import dev.gitopsexecutor.runner.JobResponse;
import dev.gitopsexecutor.sandbox.Sandbox;
import dev.gitopsexecutor.sandbox.SandboxSpec;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/** {@code prepare}: proves who the job is, decides, and only then starts its two containers. */
final class PrepareStage {
    private final ExecutorConfig config;
    private final JobResponse response;
    private final Stages.Session session;
    private final InstantSource clock;
    private final Cancellation cancellation;
    private final Optional<String> runnerVersion;

    PrepareStage(ExecutorConfig config, JobResponse response, Stages.Session session, Invocation invocation) {
        this.config = config;
        this.response = response;
        this.session = session;
        this.clock = invocation.clock();
        this.cancellation = invocation.cancellation();
        // The runner sets it after the job's own variables; and it decides nothing.
        this.runnerVersion = Optional.ofNullable(invocation.environment().get("CUSTOM_ENV_CI_RUNNER_VERSION"))
                .filter(version -> version.matches("[0-9A-Za-z.~+-]{1,60}"));
    }

    int run() {
        Admission admission = new Admission(config, response, DecisionLog.START, clock, session.log());
        Allowed allowed = admission.decide();
        admission.allow(allowed, DecisionLog.START);
        Instant deadline =
                clock.instant().plus(response.timeout()).plus(config.docker().grace());
        try (var _ = session.log().section("gitops_containers", "Starting the job's containers");
                Sandbox sandbox =
                        Sandboxes.connect(config, allowed.environment().limits(), clock)) {
            sandbox.start(spec(allowed, deadline), session.log(), cancellation);
            if (response.hasCache() && config.docker().keepCache().isEmpty()) {
                session.log()
                        .fact("this executor keeps no `cache:` after the job (docker.keep_cache in executor.yaml);"
                                + " one that the runner keeps in object storage is not touched by that");
            }
        }
        return 0;
    }

    private SandboxSpec spec(Allowed allowed, Instant deadline) {
        ImageRef image = allowed.jobImage();
        return new SandboxSpec(
                response.id(),
                response.projectId(),
                response.refProtected().orElse(false),
                runnerVersion,
                image,
                image.registry().flatMap(response::registryLogin),
                deadline,
                Map.of(
                        "environment", allowed.environment().name().value(),
                        "pipeline", Long.toString(allowed.identity().pipelineId()),
                        "sha", response.sha().value()));
    }
}
