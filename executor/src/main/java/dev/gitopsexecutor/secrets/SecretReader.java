package dev.gitopsexecutor.secrets;

import dev.gitopsexecutor.model.EnvKey;
import java.util.List;
import java.util.SortedMap;

/** Reads what a deploy names, within the paths that the policy allows: everything or, with all reasons, nothing. */
public final class SecretReader {

    /**
     * @param mount of the KV v2 engine
     * @param allowedPaths each allows itself and what is below it
     */
    public SecretReader(VaultSession session, String mount, List<String> allowedPaths, Masker masker) {
        throw new UnsupportedOperationException(mount + allowedPaths);
    }

    /** Reads every path once; the masker knows the values before this returns. Blocks. */
    public SortedMap<EnvKey, SecretValue> read(SortedMap<EnvKey, SecretRef> refs) {
        return java.util.Optional.<SortedMap<EnvKey, SecretValue>>empty().orElseThrow();
    }

    /** The keys {@code username} and {@code password} at a path that the policy itself names. Blocks. */
    public Credential readCredential(String path) {
        return java.util.Optional.<Credential>empty().orElseThrow();
    }
}
