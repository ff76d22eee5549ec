package dev.gitopsexecutor.model;

import java.util.regex.Pattern;

/** The name of a variable in an env file. */
public record EnvKey(String value) implements Comparable<EnvKey> {
    private static final Pattern PATTERN = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,126}");

    /** Throws {@link IllegalArgumentException} with a sentence for the reader when the text is refused. */
    public EnvKey {
        Parsing.matching(
                PATTERN,
                value,
                "a variable name (letters, digits and _, not starting with a digit, at most 127 characters)");
    }

    @Override
    public int compareTo(EnvKey other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
