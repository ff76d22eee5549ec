package dev.gitopsexecutor.identity;

import static dev.gitopsexecutor.identity.Claims.equal;
import static dev.gitopsexecutor.identity.Claims.header;
import static dev.gitopsexecutor.identity.Claims.line;
import static dev.gitopsexecutor.identity.Claims.notAfter;
import static dev.gitopsexecutor.identity.Claims.notBefore;
import static dev.gitopsexecutor.identity.Claims.oneOf;
import static dev.gitopsexecutor.identity.Claims.onlyAudience;
import static dev.gitopsexecutor.identity.Claims.same;
import static dev.gitopsexecutor.identity.Claims.seconds;
import static dev.gitopsexecutor.identity.Claims.shown;
import static dev.gitopsexecutor.identity.Claims.text;
import static dev.gitopsexecutor.identity.Claims.wholeNumber;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Everything that a token must meet, in the order in which it is looked at; the first mismatch refuses it. */
final class TokenChecks {
    private static final Duration LEEWAY = Duration.ofSeconds(30);
    static final String FORGED = "Use the token that GitLab makes under `id_tokens`; do not set its variable.";
    private static final String RETRY = "Retry the job. When that does not help, compare the clock of this machine.";
    private static final String ANOTHER_KIND =
            "Use a token from `id_tokens` of this job; GitLab signs other kinds with the same keys.";
    static final String ANOTHER_JOB = "Remove whatever sets the token's variable: this token was made for another job.";

    private TokenChecks() {}

    /** How the token was signed; nothing else of it counts before these hold. */
    static List<TokenCheck> ofSignature(IssuerKeys keys, String issuer) {
        return List.of(
                new TokenCheck("token.alg", header("alg", "RS256"), FORGED),
                new TokenCheck("token.crit", token -> absent(token.header("crit")), FORGED),
                new TokenCheck(
                        "token.kid",
                        token -> new Comparison(keys.knows(token), shown(token.header("kid")), "a key of " + issuer),
                        FORGED),
                new TokenCheck("token.signature", token -> signature(keys.signed(token), issuer), FORGED));
    }

    /** What a signed token says, whichever job shows it. */
    static List<TokenCheck> ofClaims(IssuerSettings settings, Instant now) {
        List<TokenCheck> checks = new ArrayList<>(issued(settings, now));
        checks.addAll(kind());
        checks.add(
                new TokenCheck(
                        "token.runner_id",
                        oneOf("runner_id", settings.runners()),
                        "Add the runner's id, which its config.toml has as `id`, to `gitlab.runner_ids` in executor.yaml when this is your runner."));
        return List.copyOf(checks);
    }

    private static List<TokenCheck> issued(IssuerSettings settings, Instant now) {
        Duration maxAge = settings.maxAge();
        return List.of(
                new TokenCheck(
                        "token.iss",
                        equal("iss", settings.issuer()),
                        "Correct `gitlab.issuer` in executor.yaml when this is your GitLab."),
                new TokenCheck(
                        "token.aud",
                        onlyAudience(settings.audience()),
                        "Write `aud: %s` under the token in `id_tokens`.".formatted(settings.audience())),
                new TokenCheck("token.exp", notBefore("exp", now.minus(LEEWAY).plusNanos(1), "after " + now), RETRY),
                new TokenCheck("token.nbf", notAfter("nbf", now.plus(LEEWAY), "not after " + now), RETRY),
                new TokenCheck("token.iat", notAfter("iat", now.plus(LEEWAY), "not after " + now), RETRY),
                new TokenCheck(
                        "token.age",
                        notBefore(
                                "iat",
                                now.minus(maxAge).minus(LEEWAY),
                                "at most %s before %s".formatted(seconds(maxAge), now)),
                        RETRY),
                new TokenCheck("token.jti", text("jti", Claims.TOKEN_ID, "the token's own id"), FORGED));
    }

    /** GitLab signs tokens of other kinds with the same keys: only a job's has all of these. */
    static List<TokenCheck> kind() {
        return List.of(
                kind("job_id", text("job_id", Claims.ID, "a job's id, as text")),
                kind("pipeline_id", text("pipeline_id", Claims.ID, "a pipeline's id, as text")),
                kind("project_id", text("project_id", Claims.ID, "a project's id, as text")),
                kind("user_id", text("user_id", Claims.ID, "a user's id, as text")),
                kind("runner_id", wholeNumber("runner_id")),
                kind("project_path", text("project_path", Claims.TEXT, "a project's path")),
                kind("user_login", text("user_login", Claims.TEXT, "a user's login")),
                kind("pipeline_source", text("pipeline_source", Claims.TEXT, "a pipeline's source")),
                kind("ref", text("ref", Claims.TEXT, "a ref")),
                kind("ref_type", text("ref_type", Claims.REF_TYPE, "\"branch\" or \"tag\"")),
                kind("ref_path", text("ref_path", Claims.REF_PATH, "a full ref path")),
                kind("ref_protected", text("ref_protected", Claims.BOOLEAN, "\"true\" or \"false\", as text")),
                kind("sha", text("sha", Claims.COMMIT, "a full commit hash")),
                kind("environment", line("environment")),
                kind("environment_action", line("environment_action")),
                kind("environment_protected", line("environment_protected")),
                kind("namespace_id", line("namespace_id")),
                kind("user_access_level", line("user_access_level")),
                kind("ci_config_ref_uri", line("ci_config_ref_uri")),
                kind("ci_config_sha", line("ci_config_sha")));
    }

    /** A token of another job, even of the same project, is a stolen one. */
    static List<TokenCheck> boundTo(JobFacts facts) {
        List<TokenCheck> checks = new ArrayList<>();
        checks.add(new TokenCheck(
                "bound.job_project_id",
                token -> same(
                        token.claim("job_project_id").or(() -> token.claim("project_id")),
                        token.claim("project_id").orElse("")),
                "Run the job in the project itself: pipelines of forks may not deploy."));
        checks.add(bound("job_id", facts.job().toString()));
        checks.add(bound("project_id", facts.project().toString()));
        facts.pipeline().ifPresent(id -> checks.add(bound("pipeline_id", Long.toString(id))));
        facts.user().ifPresent(id -> checks.add(bound("user_id", Long.toString(id))));
        checks.add(bound("ref", facts.ref()));
        checks.add(bound("ref_type", facts.refType()));
        checks.add(bound("sha", facts.sha().value()));
        facts.refProtected().ifPresent(value -> checks.add(bound("ref_protected", value.toString())));
        return checks;
    }

    private static TokenCheck kind(String claim, TokenCheck.Test test) {
        return new TokenCheck("token." + claim, test, ANOTHER_KIND);
    }

    private static TokenCheck bound(String claim, String fact) {
        return new TokenCheck("bound." + claim, equal(claim, fact), ANOTHER_JOB);
    }

    private static Comparison signature(boolean verifies, String issuer) {
        return new Comparison(verifies, verifies ? "verifies" : "a signature that does not verify", "one by " + issuer);
    }

    private static Comparison absent(Optional<Object> value) {
        return new Comparison(value.isEmpty(), shown(value), "none");
    }
}
