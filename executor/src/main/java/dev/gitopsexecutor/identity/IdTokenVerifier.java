package dev.gitopsexecutor.identity;

import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.model.JobId;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Turns an ID token into a {@link VerifiedIdentity}, or refuses it with the reason. */
public final class IdTokenVerifier {
    private final IssuerSettings settings;
    private final IssuerKeys keys;
    private final ShownTokens shown;
    private final InstantSource clock;

    /** Keeps the issuer's keys and the tokens that were shown in {@code stateDirectory}. */
    public IdTokenVerifier(IssuerSettings settings, Path stateDirectory, InstantSource clock) {
        this.settings = settings;
        this.keys = new IssuerKeys(new JwksCache(settings, stateDirectory.resolve("jwks.json"), clock));
        this.shown = new ShownTokens(stateDirectory.resolve("tokens"));
        this.clock = clock;
    }

    /** Blocks while the issuer's keys are fetched, when those on disk do not do. */
    public Verification verify(TokenVariable variable, JobFacts facts) {
        Optional<Refused> unclear = variable.refusal(facts, settings.audience());
        if (unclear.isPresent()) {
            return unclear.get();
        }
        String token = variable.values().getFirst();
        Optional<UnverifiedToken> parsed = UnverifiedToken.parse(token);
        if (parsed.isEmpty()) {
            return Refused.of(FailureCode.TOKEN_REFUSED, facts, malformed());
        }
        Optional<Finding> failed = checks(facts)
                .map(check -> check.finding(parsed.get()))
                .filter(finding -> !finding.holds())
                .findFirst();
        return failed.<Verification>map(finding -> Refused.of(FailureCode.TOKEN_REFUSED, facts, finding))
                .orElseGet(() -> new VerifiedIdentity(token, parsed.get().claimsAsText()));
    }

    /** For people who want to know what would be said of a token. Blocks as {@link #verify} does. */
    public TokenExplanation explain(String token) {
        Optional<UnverifiedToken> parsed = UnverifiedToken.parse(token);
        if (parsed.isEmpty()) {
            return new TokenExplanation(List.of(malformed()), Optional.empty());
        }
        List<Finding> findings = new ArrayList<>();
        for (TokenCheck check : TokenChecks.ofSignature(keys, settings.issuer())) {
            findings.add(check.finding(parsed.get()));
            if (!findings.getLast().holds()) {
                return new TokenExplanation(findings, Optional.empty());
            }
        }
        TokenChecks.ofClaims(settings, clock.instant()).forEach(check -> findings.add(check.finding(parsed.get())));
        Optional<JobClaims> claims = findings.stream().allMatch(Finding::holds)
                ? Optional.of(new JobClaims(parsed.get().claimsAsText()))
                : Optional.empty();
        return new TokenExplanation(findings, claims);
    }

    /** In their order; a claim is looked at only when the signature holds, a job's own only in a token that is one. */
    private Stream<TokenCheck> checks(JobFacts facts) {
        return Stream.of(
                        TokenChecks.ofSignature(keys, settings.issuer()),
                        TokenChecks.ofClaims(settings, clock.instant()),
                        TokenChecks.boundTo(facts),
                        List.of(new TokenCheck(
                                "bound.jti", token -> firstShown(token, facts), TokenChecks.ANOTHER_JOB)))
                .flatMap(List::stream);
    }

    private Comparison firstShown(UnverifiedToken token, JobFacts facts) {
        Instant made = Claims.time(token, "iat").orElseThrow();
        JobId first = shown.firstShownBy(token.claim("jti").orElseThrow().toString(), made, facts.job());
        return new Comparison(first.equals(facts.job()), "shown by job " + first, "shown by this job alone");
    }

    private static Finding malformed() {
        return new Finding(
                "token.form", false, "other text", "three Base64 parts with JSON in them", TokenChecks.FORGED);
    }
}
