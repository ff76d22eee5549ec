package dev.gitopsexecutor.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.RSAKey;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;

/** Signed ID tokens for tests of packages that pass them on. */
public final class TestTokens {
    private static final RSAKey STRANGER = Forge.key("current");

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

    /** Of the job that {@link TestIdentities} describes; a good token of it has these. */
    public static Map<String, Object> claims() {
        return Forge.claims();
    }

    /** When {@link #claims} are valid. */
    public static Instant time() {
        return Forge.NOW;
    }

    public static String signed(Map<String, Object> claims) {
        return Forge.token(claims);
    }

    /** Claims that nobody may believe, each with how it was signed. */
    public static Map<String, String> forged(Map<String, Object> claims) {
        String signed = signed(claims);
        return Map.of(
                "alg none",
                Forge.unsigned(claims),
                "HS256 with the public key",
                Forge.signedWithPublicKey(claims),
                "another issuer's key of the same name",
                Forge.token(Map.of("alg", "RS256", "kid", "current"), claims, STRANGER),
                "an unknown key",
                Forge.token(Map.of("alg", "RS256", "kid", "next"), claims, Forge.KEY),
                "no signature",
                signed.substring(0, signed.lastIndexOf('.') + 1),
                "no token",
                "not-a-token");
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
