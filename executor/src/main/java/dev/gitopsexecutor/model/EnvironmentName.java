package dev.gitopsexecutor.model;

import java.util.regex.Pattern;

/** An environment of the policy, such as {@code staging}. */
public record EnvironmentName(String value) implements Comparable<EnvironmentName> {
    private static final Pattern PATTERN = Pattern.compile("[a-z0-9][a-z0-9_-]{0,62}");

    /** Throws {@link IllegalArgumentException} with a sentence for the reader when the text is refused. */
    public EnvironmentName {
        Parsing.matching(PATTERN, value, "an environment name (a-z, 0-9, _ and -, at most 63 characters)");
    }

    @Override
    public int compareTo(EnvironmentName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
