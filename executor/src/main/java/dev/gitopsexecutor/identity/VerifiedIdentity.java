package dev.gitopsexecutor.identity;

import dev.gitopsexecutor.model.CommitSha;
import dev.gitopsexecutor.model.JobId;
import dev.gitopsexecutor.model.ProjectId;
import java.util.Map;
import java.util.Optional;

/** Who the job is, proven: only {@link IdTokenVerifier} makes one, so holding it is the proof. */
public final class VerifiedIdentity {
    private final String token;
    private final Map<String, String> claims;

    /** {@code claims} holds every claim of the token as text; the named accessors are present in it. */
    VerifiedIdentity(String token, Map<String, String> claims) {
        this.token = token;
        this.claims = Map.copyOf(claims);
    }

    public JobId jobId() {
        return new JobId(Long.parseLong(required("job_id")));
    }

    public ProjectId projectId() {
        return new ProjectId(Long.parseLong(required("project_id")));
    }

    public String projectPath() {
        return required("project_path");
    }

    public long pipelineId() {
        return Long.parseLong(required("pipeline_id"));
    }

    public String pipelineSource() {
        return required("pipeline_source");
    }

    public long userId() {
        return Long.parseLong(required("user_id"));
    }

    public String userLogin() {
        return required("user_login");
    }

    public CommitSha sha() {
        return new CommitSha(required("sha"));
    }

    /** The full path of the ref, such as {@code refs/heads/main}. */
    public String refPath() {
        return required("ref_path");
    }

    public boolean refProtected() {
        return required("ref_protected").equals("true");
    }

    /** What the job's YAML names; the author chooses it, so it proves nothing alone. */
    public Optional<String> environment() {
        return Optional.ofNullable(claims.get("environment"));
    }

    /** GitLab's {@code environment:action}; {@code start} where the token names none. */
    public String environmentAction() {
        return claims.getOrDefault("environment_action", "start");
    }

    /** The ID token itself, to log in to Vault with; a secret. */
    public String revealToken() {
        return token;
    }

    private String required(String claim) {
        return Optional.ofNullable(claims.get(claim)).orElseThrow();
    }

    @Override
    public String toString() {
        return "job %s of project %s by user %d".formatted(jobId(), projectPath(), userId());
    }
}
