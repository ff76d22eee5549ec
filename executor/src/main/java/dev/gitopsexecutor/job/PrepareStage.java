package dev.gitopsexecutor.job;

import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.identity.VerifiedIdentity;
import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.model.DeployEvent;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.policy.Allowed;
import dev.gitopsexecutor.policy.EnvironmentRule;
import dev.gitopsexecutor.policy.Policy;
import dev.gitopsexecutor.policy.SandboxRule;
import dev.gitopsexecutor.runner.JobResponse;
import dev.gitopsexecutor.runner.Service;
import dev.gitopsexecutor.sandbox.Sandbox;
import dev.gitopsexecutor.sandbox.SandboxSpec;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code prepare}: proves who the job is, decides, and only then starts its containers. */
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
        try {
            return run(admission);
        } catch (ExecutorException failed) {
            if (failed.code() == FailureCode.POLICY_DENIED) {
                tell(admission, failed.failure());
            }
            throw failed;
        }
    }

    /** Whoever is to know of it, when it is proven who was denied. */
    private void tell(Admission admission, Failure denied) {
        Optional<VerifiedIdentity> job = admission.identity();
        Optional<EnvironmentRule> rule = admission.rule();
        if (job.isPresent() && rule.isPresent()) {
            new Announcer(config, session.masker(), clock, session.log())
                    .tell(
                            rule.get(),
                            DeployEvent.DENIED,
                            () -> new Announcements(session.log()::masked)
                                    .denied(
                                            rule.get(),
                                            job.get(),
                                            Announcements.pages(config.gitlab(), job.get()),
                                            denied));
        }
    }

    private int run(Admission admission) {
        Allowed allowed = admission.decide();
        Instant deadline =
                clock.instant().plus(response.timeout()).plus(config.docker().grace());
        try (Sandbox sandbox =
                Sandboxes.connect(config, allowed.environment().sandbox().limits(), clock)) {
            SandboxSpec spec = admission.undecidedWithout(() -> resolved(sandbox, spec(allowed, deadline)));
            admission.require(
                    Policy.decideJobImages(
                            allowed,
                            spec.jobImage().name(),
                            spec.services().stream()
                                    .map(service -> service.image().name())
                                    .toList()),
                    allowed);
            admission.allow(allowed, DecisionLog.START);
            try (var _ = session.log().section("gitops_containers", "Starting the job's containers")) {
                sandbox.start(spec, session.log(), cancellation);
                if (response.hasCache() && config.docker().keepCache().isEmpty()) {
                    session.log()
                            .fact("this executor keeps no `cache:` after the job (docker.keep_cache in executor.yaml);"
                                    + " one that the runner keeps in object storage is not touched by that");
                }
            }
        }
        return 0;
    }

    /** From here on nobody asks what a tag stands for. */
    private SandboxSpec resolved(Sandbox sandbox, SandboxSpec spec) {
        return spec.withImages(image -> new SandboxSpec.Image(sandbox.resolve(image, cancellation), image.login()));
    }

    private SandboxSpec spec(Allowed allowed, Instant deadline) {
        SandboxRule rule = allowed.environment().sandbox();
        List<SandboxSpec.Service> services = new ArrayList<>();
        for (Service service : response.services()) {
            services.add(new SandboxSpec.Service(
                    image(allowed.services().get(services.size())),
                    service.aliases(),
                    service.entrypoint(),
                    service.command(),
                    service.variables()));
        }
        return new SandboxSpec(
                response.id(),
                response.projectId(),
                response.refProtected().orElse(false),
                runnerVersion,
                image(allowed.jobImage()),
                services,
                rule.egress(),
                new SandboxSpec.Requirements(rule.appArmor(), rule.userNamespace()),
                deadline,
                Map.of(
                        "environment", allowed.environment().name().value(),
                        "pipeline", Long.toString(allowed.identity().pipelineId()),
                        "sha", response.sha().value()));
    }

    /** With what GitLab gave the job for its registry. */
    private SandboxSpec.Image image(ImageRef name) {
        return new SandboxSpec.Image(name, name.registry().flatMap(response::registryLogin));
    }
}
