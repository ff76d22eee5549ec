package dev.gitopsexecutor.testbed;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/** The claims of an ID token as GitLab writes them; tests change single ones before it is signed. */
public record IdToken(Map<String, Object> claims) {
    static final int RUNNER_ID = 12;

    public IdToken {
        claims = Map.copyOf(claims);
    }

    /** What GitLab says of this job. */
    static IdToken of(RunnerJob job, String issuer, String audience, Instant now) {
        RunnerJob.Source source = job.source();
        RunnerJob.Origin origin = job.origin();
        String path = source.project().path();
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("iss", issuer);
        claims.put("aud", audience);
        claims.put("sub", "project_path:%s:ref_type:branch:ref:%s".formatted(path, source.branch()));
        claims.put("iat", now.getEpochSecond());
        claims.put("nbf", now.getEpochSecond() - 5);
        claims.put("exp", now.plus(job.work().timeout()).getEpochSecond());
        claims.put("jti", UUID.randomUUID().toString());
        claims.put("namespace_id", "7");
        claims.put("namespace_path", path.substring(0, path.lastIndexOf('/')));
        claims.put("project_id", Long.toString(source.project().id()));
        claims.put("project_path", path);
        claims.put("user_id", Long.toString(origin.user().id()));
        claims.put("user_login", origin.user().login());
        claims.put("user_email", origin.user().login() + "@example.com");
        claims.put("user_access_level", "maintainer");
        claims.put("pipeline_id", Long.toString(origin.pipelineId()));
        claims.put("pipeline_source", "push");
        claims.put("job_id", Long.toString(origin.id()));
        claims.put("ref", source.branch());
        claims.put("ref_type", "branch");
        claims.put("ref_path", source.refPath());
        claims.put("ref_protected", Boolean.toString(source.isProtected()));
        claims.put("runner_id", RUNNER_ID);
        claims.put("runner_environment", "self-hosted");
        claims.put("sha", source.sha());
        claims.put("project_visibility", "private");
        claims.put("ci_config_ref_uri", "gitlab.test/%s//.gitlab-ci.yml@%s".formatted(path, source.refPath()));
        claims.put("ci_config_sha", source.sha());
        job.deployment().ifPresent(deployment -> {
            claims.put("environment", deployment.environment());
            claims.put("environment_protected", "false");
            claims.put("deployment_tier", deployment.tier());
            claims.put("environment_action", "start");
        });
        return new IdToken(claims);
    }

    public IdToken with(String claim, Object value) {
        Map<String, Object> changed = new LinkedHashMap<>(claims);
        changed.put(claim, value);
        return new IdToken(changed);
    }

    public IdToken without(String claim) {
        Map<String, Object> changed = new LinkedHashMap<>(claims);
        changed.remove(claim);
        return new IdToken(changed);
    }

    /** The compact form. */
    public String signedBy(RSAKey key) {
        JWTClaimsSet.Builder builder = new JWTClaimsSet.Builder();
        claims.forEach((name, value) -> builder.claim(
                name, value instanceof Long seconds ? java.util.Date.from(Instant.ofEpochSecond(seconds)) : value));
        SignedJWT token = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.RS256)
                        .keyID(key.getKeyID())
                        .type(JOSEObjectType.JWT)
                        .build(),
                builder.build());
        try {
            token.sign(new RSASSASigner(key));
        } catch (JOSEException impossible) {
            throw new TestbedException("ID token", impossible);
        }
        return token.serialize();
    }
}
