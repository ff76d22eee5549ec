package dev.gitopsexecutor.model;

import java.util.regex.Pattern;

/** A way to tell people, as executor.yaml calls it. */
public record NotifierName(String value) implements Comparable<NotifierName> {
    private static final Pattern PATTERN = Pattern.compile("[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?");

    /** Throws {@link IllegalArgumentException} with a sentence for the reader when the text is refused. */
    public NotifierName {
        Parsing.matching(PATTERN, value, "a notifier's name (lower-case letters, digits and -, at most 63 characters)");
    }

    @Override
    public int compareTo(NotifierName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
