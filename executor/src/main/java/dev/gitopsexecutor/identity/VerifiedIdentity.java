package dev.gitopsexecutor.identity;

import java.util.Map;

/** Who the job is, proven: only {@link IdTokenVerifier} makes one, so holding it is the proof. */
public final class VerifiedIdentity extends JobClaims implements Verification {
    private final String token;

    VerifiedIdentity(String token, Map<String, String> claims) {
        super(claims);
        this.token = token;
    }

    /** The ID token itself, to log in to Vault with; a secret. */
    public String revealToken() {
        return token;
    }
}
