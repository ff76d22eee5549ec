package dev.gitopsexecutor.identity;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;

/** Turns an ID token into a {@link VerifiedIdentity}, or refuses it with the reason. */
public final class IdTokenVerifier {

    public IdTokenVerifier(IssuerSettings issuer, Path jwksCacheFile, InstantSource clock) {
        throw new UnsupportedOperationException(issuer + " " + jwksCacheFile + clock);
    }

    /** Blocks while the issuer's keys are fetched, when those on disk do not do. */
    public VerifiedIdentity verify(String token, JobFacts facts) {
        return java.util.Optional.<VerifiedIdentity>empty().orElseThrow();
    }

    /** The one value of the variable that carries the token; {@code values} are all that the job response has for it. */
    public static String onlyToken(List<String> values, String variable) {
        return java.util.Optional.<String>empty().orElseThrow();
    }
}
