package dev.gitopsexecutor.secrets;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What one role may read, until it is closed. */
public final class VaultSession implements AutoCloseable {

    VaultSession() {}

    /** The newest version of a KV v2 secret. Blocks. */
    public Map<String, SecretValue> read(String mount, String path) {
        return java.util.Optional.<Map<String, SecretValue>>empty().orElseThrow();
    }

    /** Of everything read so far, in that order. */
    public List<SecretVersion> versions() {
        return java.util.Optional.<List<SecretVersion>>empty().orElseThrow();
    }

    /** By which the session's token can be revoked by others. */
    public String accessor() {
        return java.util.Optional.<String>empty().orElseThrow();
    }

    /** Revokes the session's token; returns what went wrong, if it did, for a warning. A second call does nothing. */
    public Optional<String> revoke() {
        return java.util.Optional.<Optional<String>>empty().orElseThrow();
    }

    /** As {@link #revoke}, for callers that warned already. */
    @Override
    public void close() {
        java.util.Objects.requireNonNull(this);
    }
}
