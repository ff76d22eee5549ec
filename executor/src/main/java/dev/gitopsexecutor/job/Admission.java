package dev.gitopsexecutor.job;

import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.config.PolicyFile;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.identity.Finding;
import dev.gitopsexecutor.identity.IdTokenVerifier;
import dev.gitopsexecutor.identity.JobFacts;
import dev.gitopsexecutor.identity.VerifiedIdentity;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.policy.Allowed;
import dev.gitopsexecutor.policy.Denied;
import dev.gitopsexecutor.runner.JobResponse;
import java.time.InstantSource;
import java.util.Locale;
import java.util.stream.Collectors;

/** Proves who a job is and decides whether it may go on; both again before the deploy, since proofs are not stored. */
final class Admission {
    private final ExecutorConfig config;
    private final InstantSource clock;
    private final JobLog log;

    Admission(ExecutorConfig config, InstantSource clock, JobLog log) {
        this.config = config;
        this.clock = clock;
        this.log = log;
    }

    Allowed decide(JobResponse response) {
        VerifiedIdentity identity;
        try (var _ = log.section("gitops_identity", "Proving who the job is")) {
            identity = verify(response);
            log.fact("job %s, pipeline %d, commit %s"
                    .formatted(
                            identity.jobId(),
                            identity.pipelineId(),
                            identity.sha().abbreviated()));
            log.fact("project %s (id %s), started by %s (id %d)"
                    .formatted(identity.projectPath(), identity.projectId(), identity.userLogin(), identity.userId()));
            log.fact("ref %s, %s"
                    .formatted(identity.refPath(), identity.refProtected() ? "protected" : "not protected"));
        }
        try (var _ = log.section("gitops_policy", "Deciding by policy")) {
            return decide(identity, response);
        }
    }

    private VerifiedIdentity verify(JobResponse response) {
        String variable = config.tokenVariable();
        String token = IdTokenVerifier.onlyToken(
                response.variableValues(variable), variable, config.issuer().audience());
        var facts = new JobFacts(
                response.id(),
                response.projectId(),
                response.pipelineId(),
                response.userId(),
                response.ref(),
                response.refType(),
                response.sha(),
                response.refProtected());
        return new IdTokenVerifier(config.issuer(), config.stateDir().resolve("jwks.json"), clock).verify(token, facts);
    }

    private Allowed decide(VerifiedIdentity identity, JobResponse response) {
        PolicyFile file = PolicyFile.read(config.policyFile());
        return switch (file.policy().decide(identity, jobImage(response))) {
            case Denied denied -> throw denied(denied, identity);
            case Allowed allowed -> {
                log.fact("environment %s (%s): allowed by policy %s"
                        .formatted(
                                allowed.environment().name(),
                                allowed.environment().tier().name().toLowerCase(Locale.ROOT),
                                file.shortHash()));
                yield allowed;
            }
        };
    }

    /** The image in which the job's author wants the script to run. */
    static ImageRef jobImage(JobResponse response) {
        String name = response.image()
                .orElseThrow(() -> new ExecutorException(new Failure(
                        FailureCode.POLICY_DENIED,
                        "choose the image of the job",
                        "job " + response.id(),
                        "the job names no image",
                        "Add `image:` with one of the environment's job images to the job.")));
        try {
            return ImageRef.parse(name);
        } catch (IllegalArgumentException refused) {
            throw new ExecutorException(
                    new Failure(
                            FailureCode.POLICY_DENIED,
                            "choose the image of the job",
                            "job " + response.id(),
                            String.valueOf(refused.getMessage()),
                            "Write `image:` as repository:tag or repository@digest."),
                    refused);
        }
    }

    /** What refuses a job, with every reason and where each rule stands. */
    static ExecutorException denied(Denied denied, VerifiedIdentity identity) {
        String reasons = denied.reasons().stream().map(Finding::sentence).collect(Collectors.joining("\n"));
        return new ExecutorException(new Failure(
                FailureCode.POLICY_DENIED,
                "deploy " + identity.projectPath(),
                "environment %s, asked for by %s from %s"
                        .formatted(identity.environment().orElse("(none)"), identity.userLogin(), identity.refPath()),
                reasons,
                denied.reasons().getFirst().next()));
    }
}
