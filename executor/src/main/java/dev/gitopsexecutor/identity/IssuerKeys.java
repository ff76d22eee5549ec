package dev.gitopsexecutor.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import java.text.ParseException;
import java.util.List;

/** The keys with which the configured issuer signs, fetched again once for a key that is not among them. */
final class IssuerKeys {
    private static final int MIN_BITS = 2048;

    private final JwksCache cache;

    IssuerKeys(JwksCache cache) {
        this.cache = cache;
    }

    boolean knows(UnverifiedToken token) {
        return !keys(token).isEmpty();
    }

    boolean signed(UnverifiedToken token) {
        try {
            JWSObject signed = JWSObject.parse(token.raw());
            for (RSAKey key : keys(token)) {
                if (signed.verify(new RSASSAVerifier(key.toRSAPublicKey()))) {
                    return true;
                }
            }
            return false;
        } catch (ParseException | JOSEException malformed) {
            return false;
        }
    }

    private List<RSAKey> keys(UnverifiedToken token) {
        if (!(token.header("kid").orElse(null) instanceof String kid)) {
            return List.of();
        }
        List<RSAKey> known = named(kid, cache.current());
        return known.isEmpty() ? named(kid, cache.afterUnknownKey()) : known;
    }

    private static List<RSAKey> named(String kid, List<JWK> keys) {
        return keys.stream()
                .filter(key -> kid.equals(key.getKeyID()))
                .filter(RSAKey.class::isInstance)
                .map(RSAKey.class::cast)
                .filter(key -> key.size() >= MIN_BITS)
                .filter(key -> key.getKeyUse() == null || key.getKeyUse().equals(KeyUse.SIGNATURE))
                .toList();
    }
}
