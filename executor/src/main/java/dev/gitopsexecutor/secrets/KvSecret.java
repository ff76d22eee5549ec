package dev.gitopsexecutor.secrets;

import io.github.jopenlibs.vault.json.JsonObject;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One version of a KV v2 secret, with the JSON types of its values. */
record KvSecret(SecretVersion version, JsonObject values) {

    /**
     * Empty when it is something else.
     *
     * @param path below its mount
     * @param answer the {@code data} of Vault's answer
     */
    static Optional<KvSecret> of(String path, @Nullable JsonObject answer) {
        JsonObject values = VaultToken.object(answer, "data");
        JsonObject metadata = VaultToken.object(answer, "metadata");
        return values == null || metadata == null
                ? Optional.empty()
                : SecretVersion.of(path, metadata).map(version -> new KvSecret(version, values));
    }
}
