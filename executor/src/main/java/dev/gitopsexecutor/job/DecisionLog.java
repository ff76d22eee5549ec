package dev.gitopsexecutor.job;

import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.identity.Finding;
import dev.gitopsexecutor.identity.JobClaims;
import dev.gitopsexecutor.identity.Refused;
import dev.gitopsexecutor.identity.VerifiedIdentity;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.ledger.AuditEntry;
import dev.gitopsexecutor.ledger.AuditLog;
import dev.gitopsexecutor.policy.Allowed;
import dev.gitopsexecutor.policy.Denied;
import dev.gitopsexecutor.runner.JobResponse;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Writes what was decided about one job into the audit log. */
final class DecisionLog {
    /** The act of starting a job's containers. */
    static final String START = "start";

    /** The act of deploying. */
    static final String DEPLOY = "deploy";

    /** The act of going back to an earlier release. */
    static final String ROLLBACK = "rollback";

    private final ExecutorConfig config;
    private final JobResponse response;
    private final String act;
    private final String policyHash;
    private final InstantSource clock;
    private final JobLog log;

    DecisionLog(
            ExecutorConfig config,
            JobResponse response,
            String act,
            String policyHash,
            InstantSource clock,
            JobLog log) {
        this.config = config;
        this.response = response;
        this.act = act;
        this.policyHash = policyHash;
        this.clock = clock;
        this.log = log;
    }

    /** Throws {@code AUDIT_FAILED}: what nobody could look up later is not allowed. */
    void allowed(Allowed allowed, String what) {
        List<String> glass = allowed.brokenGlass().map(List::of).orElse(List.of());
        write(
                what,
                actor(allowed.identity()),
                object(allowed.identity()),
                "allowed",
                glass.isEmpty() ? List.of() : List.of("broken_glass"),
                glass);
    }

    void denied(VerifiedIdentity identity, Denied denied) {
        writeOrWarn(
                actor(identity),
                object(identity),
                "denied",
                denied.reasons().stream().map(Finding::check).toList(),
                denied.reasons().stream().map(Finding::sentence).toList());
    }

    /** Of a job of which nothing is proven. */
    void refused(Refused refused) {
        writeOrWarn(
                supposedActor(),
                supposedObject(),
                "denied",
                List.of(refused.check()),
                List.of(refused.failure().saw()));
    }

    /** Nobody could say yes or no. */
    void undecided(Failure failure) {
        writeOrWarn(
                supposedActor(),
                supposedObject(),
                "undecided",
                List.of(failure.code().name()),
                List.of("%s: %s".formatted(failure.on(), failure.saw())));
    }

    /** A denial stands, written down or not. */
    private void writeOrWarn(
            Map<String, String> actor,
            Map<String, String> object,
            String result,
            List<String> reasons,
            List<String> details) {
        try {
            write(act, actor, object, result, reasons, details);
        } catch (ExecutorException failed) {
            log.warning(
                    "The decision is not in the audit log.\n" + failed.failure().block());
        }
    }

    private void write(
            String what,
            Map<String, String> actor,
            Map<String, String> object,
            String result,
            List<String> reasons,
            List<String> details) {
        new AuditLog(AuditLog.in(config.stateDir()))
                .append(new AuditEntry(
                        clock.instant(),
                        actor,
                        what,
                        object,
                        result,
                        reasons,
                        details.stream().map(log::masked).toList(),
                        policyHash,
                        config.hash().hex()));
    }

    private static Map<String, String> actor(JobClaims job) {
        return Map.of(
                "user_id", Long.toString(job.userId()),
                "user_login", job.userLogin(),
                "user_role", job.userRole().orElse(""));
    }

    private static Map<String, String> object(JobClaims job) {
        return Map.of(
                "environment", job.environment().orElse(""),
                "project_id", job.projectId().toString(),
                "project", job.projectPath(),
                "ref", job.refPath(),
                "sha", job.sha().value(),
                "pipeline", Long.toString(job.pipelineId()),
                "job", job.jobId().toString());
    }

    /** As GitLab gave the job to the runner. */
    private Map<String, String> supposedActor() {
        return response.userId().isPresent()
                ? Map.of("supposed_user_id", Long.toString(response.userId().getAsLong()))
                : Map.of();
    }

    private Map<String, String> supposedObject() {
        Map<String, String> object = new HashMap<>(Map.of(
                "project_id", response.projectId().toString(),
                "sha", response.sha().value(),
                "job", response.id().toString()));
        response.pipelineId().ifPresent(id -> object.put("pipeline", Long.toString(id)));
        return object;
    }
}
