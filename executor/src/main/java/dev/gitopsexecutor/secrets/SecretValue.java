package dev.gitopsexecutor.secrets;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;

/** A value that must reach an env file and nothing else; prints as {@code [redacted]}. */
public final class SecretValue {
    private final String value;

    private SecretValue(String value) {
        this.value = value;
    }

    /** Whoever calls this hands the value to the masker first. */
    public static SecretValue of(String value) {
        return new SecretValue(value);
    }

    /** The secret itself; review every call. */
    public String reveal() {
        return value;
    }

    /** Compares in constant time. */
    @Override
    public boolean equals(Object other) {
        return other instanceof SecretValue secret
                && MessageDigest.isEqual(value.getBytes(UTF_8), secret.value.getBytes(UTF_8));
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }

    @Override
    public String toString() {
        return "[redacted]";
    }
}
