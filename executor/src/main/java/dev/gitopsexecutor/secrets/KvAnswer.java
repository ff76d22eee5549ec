package dev.gitopsexecutor.secrets;

import java.util.Map;

/** Whether a path of a KV v2 engine holds a secret now. */
sealed interface KvAnswer {

    record Found(Map<String, SecretValue> values, SecretVersion version) implements KvAnswer {
        public Found {
            values = Map.copyOf(values);
        }
    }

    /** {@code reason} continues the sentence that begins with the path. */
    record Missing(String reason) implements KvAnswer {}
}
