package dev.gitopsexecutor.secrets;

import io.github.jopenlibs.vault.json.JsonObject;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;

/**
 * Which version of a KV v2 secret was read.
 *
 * @param path below its mount
 * @param created when this version was written
 */
public record SecretVersion(String path, long version, Instant created) {

    /** Of the {@code metadata} that Vault answers with; empty when it is something else. */
    static Optional<SecretVersion> of(String path, JsonObject metadata) {
        try {
            Long version = metadata.getLong("version");
            String created = metadata.getString("created_time");
            return version == null || created == null
                    ? Optional.empty()
                    : Optional.of(new SecretVersion(path, version, Instant.parse(created)));
        } catch (UnsupportedOperationException | NumberFormatException | DateTimeException notKv) {
            return Optional.empty();
        }
    }
}
