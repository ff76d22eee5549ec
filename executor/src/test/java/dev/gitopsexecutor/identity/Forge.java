package dev.gitopsexecutor.identity;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Makes ID tokens, good ones and every kind of bad one. */
final class Forge {
    static final Instant NOW = Instant.parse("2026-11-24T04:00:00Z");
    static final String ISSUER = "https://gitlab.example.com";
    static final RSAKey KEY = key("current");

    private Forge() {}

    static RSAKey key(String kid) {
        try {
            return new RSAKeyGenerator(2048).keyID(kid).generate();
        } catch (JOSEException impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** As GitLab writes them for the job that {@code IdTokenVerifierTest} asks about. */
    static Map<String, Object> claims() {
        Map<String, Object> claims = new TreeMap<>();
        claims.put("iss", ISSUER);
        claims.put("aud", "gitops-executor");
        claims.put("iat", NOW.getEpochSecond());
        claims.put("nbf", NOW.getEpochSecond() - 5);
        claims.put("exp", NOW.getEpochSecond() + 3600);
        claims.put("jti", "4f0f5a3e-9c7a-4c8e-9d58-7f8f3e1b2c3d");
        claims.put("sub", "project_path:shop/app:ref_type:branch:ref:main");
        claims.put("project_id", "22");
        claims.put("project_path", "shop/app");
        claims.put("namespace_id", "7");
        claims.put("job_project_id", "22");
        claims.put("user_id", "42");
        claims.put("user_login", "dev1");
        claims.put("pipeline_id", "9102");
        claims.put("pipeline_source", "push");
        claims.put("job_id", "102");
        claims.put("runner_id", 7L);
        claims.put("ref", "main");
        claims.put("ref_type", "branch");
        claims.put("ref_path", "refs/heads/main");
        claims.put("ref_protected", "true");
        claims.put("environment", "production");
        claims.put("environment_action", "start");
        claims.put("sha", "4c300d29c32b7e55210788f6835f3f000dc9cc7a");
        claims.put("user_access_level", "maintainer");
        claims.put("ci_config_ref_uri", "gitlab.example.com/shop/app//.gitlab-ci.yml@refs/heads/main");
        claims.put("ci_config_sha", "4c300d29c32b7e55210788f6835f3f000dc9cc7a");
        return claims;
    }

    static String token(Map<String, Object> claims) {
        return token(Map.of("alg", "RS256", "kid", "current", "typ", "JWT"), claims, KEY);
    }

    static String token(Map<String, Object> header, Map<String, Object> claims, RSAKey key) {
        String input = encoded(header) + "." + encoded(claims);
        try {
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initSign(key.toPrivateKey());
            signature.update(input.getBytes(UTF_8));
            return input + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signature.sign());
        } catch (GeneralSecurityException | JOSEException impossible) {
            throw new AssertionError(impossible);
        }
    }

    static String unsigned(Map<String, Object> claims) {
        return encoded(Map.of("alg", "none", "kid", "current")) + "." + encoded(claims) + ".";
    }

    /** With the public key, which everybody has, as the secret of an HMAC. */
    static String signedWithPublicKey(Map<String, Object> claims) {
        String input = encoded(Map.of("alg", "HS256", "kid", "current")) + "." + encoded(claims);
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(KEY.toRSAPublicKey().getEncoded(), "HmacSHA256"));
            return input + "."
                    + Base64.getUrlEncoder().withoutPadding().encodeToString(mac.doFinal(input.getBytes(UTF_8)));
        } catch (GeneralSecurityException | JOSEException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static String encoded(Map<String, Object> json) {
        String text = JSONObjectUtils.toJSONString(new LinkedHashMap<>(json));
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(UTF_8));
    }
}
