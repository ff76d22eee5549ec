package dev.gitopsexecutor.secrets;

import java.nio.file.Path;

/** Compares secrets without showing them: HMAC-SHA-256 under a key that never leaves this machine. */
public final class KeyedHash {

    /** {@code key} has 32 bytes. */
    public KeyedHash(byte[] key) {
        throw new UnsupportedOperationException("" + key.length);
    }

    /** With the key in {@code file}, which is made, mode 0600, when it is not there. */
    public static KeyedHash withKeyIn(Path file) {
        return java.util.Optional.<KeyedHash>empty().orElseThrow();
    }

    /** 64 hexadecimal digits. */
    public String of(SecretValue secret) {
        return java.util.Optional.<String>empty().orElseThrow();
    }

    /** The first 8 digits of {@link #of}, for a log. */
    public String shown(SecretValue secret) {
        return java.util.Optional.<String>empty().orElseThrow();
    }
}
