package dev.gitopsexecutor.testbed;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import java.util.UUID;

/** GitLab's keys: the one that signs ID tokens now, and what the JWKS shows. */
public final class SigningKeys {
    private volatile RSAKey current = generate();

    SigningKeys() {}

    public RSAKey current() {
        return current;
    }

    /** The old key is gone from the JWKS at once: GitLab has no overlap. */
    public void rotate() {
        current = generate();
    }

    /** A key that is in no JWKS. */
    public static RSAKey generate() {
        try {
            return new RSAKeyGenerator(2048)
                    .keyUse(KeyUse.SIGNATURE)
                    .algorithm(com.nimbusds.jose.JWSAlgorithm.RS256)
                    .keyID(UUID.randomUUID().toString())
                    .generate();
        } catch (JOSEException impossible) {
            throw new TestbedException("RSA key", impossible);
        }
    }

    String jwks() {
        return new JWKSet(current).toPublicJWKSet().toString();
    }
}
