package dev.gitopsexecutor.model;

import java.util.regex.Pattern;

/** A Compose project as its containers are labelled. */
public record ProjectName(String value) {
    private static final Pattern PATTERN = Pattern.compile("[a-z0-9][a-z0-9_-]{0,62}");

    /** Throws {@link IllegalArgumentException} with a sentence for the reader when the text is refused. */
    public ProjectName {
        Parsing.matching(PATTERN, value, "a Compose project name (a-z, 0-9, _ and -, at most 63 characters)");
    }

    @Override
    public String toString() {
        return value;
    }
}
