package dev.gitopsexecutor.identity;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Turns an ID token into a {@link VerifiedIdentity}, or refuses it with the reason. */
public final class IdTokenVerifier {
    private static final String FORM = "Use the token that GitLab makes under `id_tokens`; do not set its variable.";

    private final IssuerSettings settings;
    private final IssuerKeys keys;
    private final InstantSource clock;

    public IdTokenVerifier(IssuerSettings settings, Path jwksCacheFile, InstantSource clock) {
        this.settings = settings;
        this.keys = new IssuerKeys(new JwksCache(settings, jwksCacheFile, clock));
        this.clock = clock;
    }

    /** Blocks while the issuer's keys are fetched, when those on disk do not do. */
    public VerifiedIdentity verify(String token, JobFacts facts) {
        UnverifiedToken parsed = UnverifiedToken.parse(token)
                .orElseThrow(() -> refused(
                        facts,
                        "form: the text is not three Base64 parts with JSON in them; wanted: an ID token of GitLab",
                        FORM));
        checks(facts)
                .map(check -> check.finding(parsed))
                .filter(finding -> !finding.holds())
                .findFirst()
                .ifPresent(failed -> {
                    throw refused(facts, failed.sentence(), failed.next());
                });
        return new VerifiedIdentity(token, parsed.claimsAsText());
    }

    /** For people who want to know what would be said of a token. Blocks as {@link #verify} does. */
    public TokenExplanation explain(String token) {
        Optional<UnverifiedToken> parsed = UnverifiedToken.parse(token);
        if (parsed.isEmpty()) {
            Finding form = new Finding("form", false, "other text", "three Base64 parts with JSON in them", FORM);
            return new TokenExplanation(List.of(form), Optional.empty());
        }
        List<Finding> findings = new ArrayList<>();
        for (TokenCheck check : TokenChecks.ofSignature(keys, settings.issuer())) {
            findings.add(check.finding(parsed.get()));
            if (!findings.getLast().holds()) {
                return new TokenExplanation(findings, Optional.empty());
            }
        }
        Stream.concat(TokenChecks.issued(settings, clock.instant()).stream(), TokenChecks.kind().stream())
                .map(check -> check.finding(parsed.get()))
                .forEach(findings::add);
        Optional<JobClaims> claims = findings.stream().allMatch(Finding::holds)
                ? Optional.of(new JobClaims(parsed.get().claimsAsText()))
                : Optional.empty();
        return new TokenExplanation(findings, claims);
    }

    /** In their order; a claim is looked at only when the signature holds. */
    private Stream<TokenCheck> checks(JobFacts facts) {
        return Stream.concat(
                TokenChecks.ofSignature(keys, settings.issuer()).stream(),
                TokenChecks.ofClaims(settings, facts, clock.instant()).stream());
    }

    /** The one value of the variable that carries the token; {@code values} are all that the job response has for it. */
    public static String onlyToken(List<String> values, String variable, String audience) {
        if (values.isEmpty() || values.equals(List.of(""))) {
            throw new ExecutorException(new Failure(
                    FailureCode.TOKEN_MISSING,
                    "find the job's ID token",
                    "variable " + variable,
                    "the job has no such variable",
                    """
                    Add to the job in .gitlab-ci.yml:
                      id_tokens:
                        %s:
                          aud: %s""".formatted(variable, audience)));
        }
        if (values.size() > 1) {
            throw new ExecutorException(
                    new Failure(
                            FailureCode.TOKEN_REFUSED,
                            "find the job's ID token",
                            "variable " + variable,
                            "the job has %d variables of this name: one of them was set to replace the token"
                                    .formatted(values.size()),
                            "Remove the variable from .gitlab-ci.yml and from the settings of the project, group and pipeline."));
        }
        return values.getFirst();
    }

    private static ExecutorException refused(JobFacts facts, String saw, String next) {
        return new ExecutorException(new Failure(
                FailureCode.TOKEN_REFUSED,
                "believe the job's ID token",
                "job %s of project %s".formatted(facts.job(), facts.project()),
                saw,
                next));
    }
}
