package dev.gitopsexecutor.identity;

import com.nimbusds.jose.JOSEException;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;

/** Signed ID tokens for tests of packages that pass them on. */
public final class TestTokens {
    private TestTokens() {}

    /** An identity whose token is valid now, with {@code changes} in both. */
    public static VerifiedIdentity identity(Map<String, String> changes) {
        Map<String, Object> claims = new TreeMap<>(Forge.claims());
        long now = Instant.now().getEpochSecond();
        claims.put("iat", now);
        claims.put("nbf", now - 5);
        claims.put("exp", now + 300);
        claims.putAll(changes);
        return TestIdentities.with(changes, Forge.token(claims));
    }

    /** Of the key that signed them, in PEM. */
    public static String publicKey() {
        try {
            return "-----BEGIN PUBLIC KEY-----\n"
                    + Base64.getMimeEncoder()
                            .encodeToString(Forge.KEY.toRSAPublicKey().getEncoded())
                    + "\n-----END PUBLIC KEY-----\n";
        } catch (JOSEException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
