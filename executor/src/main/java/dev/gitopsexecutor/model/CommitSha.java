package dev.gitopsexecutor.model;

import java.util.regex.Pattern;

/** A full Git commit hash. */
public record CommitSha(String value) {
    private static final Pattern PATTERN = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");

    /** Throws {@link IllegalArgumentException} with a sentence for the reader when the text is refused. */
    public CommitSha {
        Parsing.matching(PATTERN, value, "a full commit hash");
    }

    /** The first 8 digits, as GitLab abbreviates it in {@code CI_COMMIT_SHORT_SHA}. */
    public String abbreviated() {
        return value.substring(0, 8);
    }

    @Override
    public String toString() {
        return value;
    }
}
