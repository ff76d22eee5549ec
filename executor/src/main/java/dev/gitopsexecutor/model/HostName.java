package dev.gitopsexecutor.model;

import java.util.regex.Pattern;

/** The name that the policy gives a target host; its address stands beside it. */
public record HostName(String value) implements Comparable<HostName> {
    private static final Pattern PATTERN = Pattern.compile("[a-z0-9][a-z0-9.-]{0,62}");

    /** Throws {@link IllegalArgumentException} with a sentence for the reader when the text is refused. */
    public HostName {
        Parsing.matching(PATTERN, value, "a host name of the policy (a-z, 0-9, . and -, at most 63 characters)");
    }

    @Override
    public int compareTo(HostName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
