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

    /**
     * What its repository names objects by, as Git calls it: {@code sha1} or {@code sha256}.
     *
     * @see <a href="https://git-scm.com/docs/git-init#Documentation/git-init.txt---object-formatformat">object format</a>
     */
    public String objectFormat() {
        return value.length() == 40 ? "sha1" : "sha256";
    }

    @Override
    public String toString() {
        return value;
    }
}
