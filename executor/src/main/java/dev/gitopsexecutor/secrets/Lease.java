package dev.gitopsexecutor.secrets;

import java.time.Instant;
import java.util.Map;

/**
 * A secret that an engine made for one deploy.
 *
 * @param id Vault's name for it; no secret
 * @param path that was read
 * @param until when it ends unless it is renewed
 */
public record Lease(String id, String path, Instant until, Map<String, SecretValue> values) {
    public Lease {
        values = Map.copyOf(values);
    }
}
