package dev.gitopsexecutor.model;

import java.util.regex.Pattern;

/** A content digest as registries and engines write it. */
public record Digest(String value) {
    private static final Pattern PATTERN = Pattern.compile("sha256:[0-9a-f]{64}");

    /** Throws {@link IllegalArgumentException} with a sentence for the reader when the text is refused. */
    public Digest {
        Parsing.matching(PATTERN, value, "a digest (sha256: and 64 hexadecimal digits)");
    }

    /** The first 12 hexadecimal digits, as engines abbreviate it. */
    public String abbreviated() {
        return value.substring("sha256:".length(), "sha256:".length() + 12);
    }

    @Override
    public String toString() {
        return value;
    }
}
