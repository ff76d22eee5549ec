package dev.gitopsexecutor.identity;

import dev.gitopsexecutor.model.CommitSha;
import dev.gitopsexecutor.model.JobId;
import dev.gitopsexecutor.model.ProjectId;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What an ID token says of its job. By itself it proves nothing: it may come from a table of test cases. Proven claims
 * are a {@link VerifiedIdentity}.
 *
 * @see <a href="https://docs.gitlab.com/ci/secrets/id_token_authentication/#token-payload">GitLab's claims</a>
 */
public sealed class JobClaims permits VerifiedIdentity {
    private final Map<String, String> claims;

    /** {@code claims} holds every claim of the token as text; those of {@link TokenChecks#kind} are in it. */
    JobClaims(Map<String, String> claims) {
        this.claims = Map.copyOf(claims);
    }

    /**
     * Claims that nobody has signed, for asking what the policy would say of them.
     *
     * @param claims as in the token's JSON
     * @throws IllegalArgumentException with a sentence for each claim that a job's token has otherwise
     */
    public static JobClaims assumed(Map<String, Object> claims) {
        UnverifiedToken token = UnverifiedToken.ofClaims(claims);
        var faults = TokenChecks.kind().stream()
                .map(check -> check.finding(token))
                .filter(finding -> !finding.holds())
                .map(Finding::sentence)
                .toList();
        if (!faults.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", faults));
        }
        return new JobClaims(token.claimsAsText());
    }

    /** {@link #assumed} of a JSON object. */
    public static JobClaims assumedJson(String json) {
        return assumed(UnverifiedToken.object(json)
                .orElseThrow(() -> new IllegalArgumentException("it is not a JSON object")));
    }

    public final JobId jobId() {
        return new JobId(Long.parseLong(required("job_id")));
    }

    public final ProjectId projectId() {
        return new ProjectId(Long.parseLong(required("project_id")));
    }

    /** The group of the project; GitLab always says it. */
    public final OptionalLong namespaceId() {
        String id = claims.getOrDefault("namespace_id", "");
        return Claims.ID.matcher(id).matches() ? OptionalLong.of(Long.parseLong(id)) : OptionalLong.empty();
    }

    public final String projectPath() {
        return required("project_path");
    }

    /** The runner's number in GitLab. */
    public final long runnerId() {
        return Long.parseLong(required("runner_id"));
    }

    public final long pipelineId() {
        return Long.parseLong(required("pipeline_id"));
    }

    public final String pipelineSource() {
        return required("pipeline_source");
    }

    public final long userId() {
        return Long.parseLong(required("user_id"));
    }

    public final String userLogin() {
        return required("user_login");
    }

    /** The user's role in the project, such as {@code maintainer}; absent before GitLab 16.9. */
    public final Optional<String> userRole() {
        return Optional.ofNullable(claims.get("user_access_level"));
    }

    public final CommitSha sha() {
        return new CommitSha(required("sha"));
    }

    /** The full path of the ref, such as {@code refs/heads/main}. */
    public final String refPath() {
        return required("ref_path");
    }

    public final boolean refProtected() {
        return required("ref_protected").equals("true");
    }

    /** What the job's YAML names; the author chooses it, so it proves nothing alone. */
    public final Optional<String> environment() {
        return Optional.ofNullable(claims.get("environment"));
    }

    /** Whether GitLab itself guards the environment; its free edition never says so. */
    public final boolean environmentProtected() {
        return "true".equals(claims.get("environment_protected"));
    }

    /** GitLab's {@code environment:action}; {@code start} where the token names none. */
    public final String environmentAction() {
        return claims.getOrDefault("environment_action", "start");
    }

    /** Whether the job deploys, or only runs its script beside an environment. */
    public final boolean deploys() {
        return environmentAction().equals("start");
    }

    /** Whether the job gets hosts ready for a deploy: it changes nothing that runs. */
    public final boolean prepares() {
        return environmentAction().equals("prepare");
    }

    /** {@code HOST/PROJECT//FILE@REF} of the pipeline's top-level YAML; absent when it lies in another project. */
    public final Optional<String> ciConfigRefUri() {
        return Optional.ofNullable(claims.get("ci_config_ref_uri"));
    }

    /** The commit of {@link #ciConfigRefUri}. */
    public final Optional<String> ciConfigSha() {
        return Optional.ofNullable(claims.get("ci_config_sha"));
    }

    private String required(String claim) {
        return Optional.ofNullable(claims.get(claim)).orElseThrow();
    }

    @Override
    public final String toString() {
        return "job %s of project %s by user %d".formatted(jobId(), projectPath(), userId());
    }
}
