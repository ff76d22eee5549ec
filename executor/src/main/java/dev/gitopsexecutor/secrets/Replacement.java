package dev.gitopsexecutor.secrets;

import io.github.jopenlibs.vault.json.JsonObject;

/**
 * Another value for one key of a KV v2 secret, and what there was before. Values of other keys stay as they are, with their
 * JSON types.
 */
public final class Replacement {
    private final KvEngine engine;
    private final SecretRef ref;
    private final SecretVersion before;
    private final JsonObject valuesBefore;
    private final JsonObject valuesAfter;

    Replacement(KvEngine engine, SecretRef ref, SecretVersion before, JsonObject valuesBefore, SecretValue value) {
        this.engine = engine;
        this.ref = ref;
        this.before = before;
        this.valuesBefore = valuesBefore;
        this.valuesAfter = new JsonObject(valuesBefore).set(ref.key(), value.reveal());
    }

    /** The newest version when it was read. */
    public SecretVersion before() {
        return before;
    }

    /** Under that key, in that version. */
    public SecretValue valueBefore() {
        return VaultToken.text(valuesBefore.get(ref.key()));
    }

    /** The number of the version that the new value is in, once it is written. */
    public long number() {
        return before.version() + 1;
    }

    KvEngine engine() {
        return engine;
    }

    String path() {
        return ref.path();
    }

    JsonObject valuesBefore() {
        return valuesBefore;
    }

    JsonObject valuesAfter() {
        return valuesAfter;
    }
}
