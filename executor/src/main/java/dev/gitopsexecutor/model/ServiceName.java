package dev.gitopsexecutor.model;

import java.util.regex.Pattern;

/** A service of a Compose file. */
public record ServiceName(String value) implements Comparable<ServiceName> {
    private static final Pattern PATTERN = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}");

    /** Throws {@link IllegalArgumentException} with a sentence for the reader when the text is refused. */
    public ServiceName {
        Parsing.matching(PATTERN, value, "a service name (letters, digits, ., _ and -, at most 63 characters)");
    }

    @Override
    public int compareTo(ServiceName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
