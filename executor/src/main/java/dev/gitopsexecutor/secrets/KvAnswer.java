package dev.gitopsexecutor.secrets;

import java.util.Map;
import java.util.Optional;

/** Whether a path of a KV engine holds a secret now. */
sealed interface KvAnswer {

    /** It does; only an engine of version 2 has a {@code version}. */
    record Found(Map<String, SecretValue> values, Optional<SecretVersion> version) implements KvAnswer {
        public Found {
            values = Map.copyOf(values);
        }
    }

    /** {@code reason} continues the sentence that begins with the path. */
    record Missing(String reason) implements KvAnswer {}
}
