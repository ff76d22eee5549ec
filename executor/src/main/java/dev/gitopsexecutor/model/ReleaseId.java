package dev.gitopsexecutor.model;

import java.util.regex.Pattern;

/** A release directory on the hosts. */
public record ReleaseId(String value) {
    private static final Pattern PATTERN = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

    /** Throws {@link IllegalArgumentException} with a sentence for the reader when the text is refused. */
    public ReleaseId {
        Parsing.matching(PATTERN, value, "a release id (a-z, 0-9 and -, at most 63 characters)");
    }

    @Override
    public String toString() {
        return value;
    }
}
