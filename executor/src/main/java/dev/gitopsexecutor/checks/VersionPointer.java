package dev.gitopsexecutor.checks;

import dev.gitopsexecutor.model.CommitSha;

/**
 * Where an answer tells its version, and which version it must be.
 *
 * @param pointer JSON pointer (RFC 6901)
 * @param tag that the version equals, unless it abbreviates {@code commit} by at least 7 digits; empty when the image
 *     has no tag
 * @param required whether an answer that tells no version fails; else people are warned. A wrong one always fails.
 */
public record VersionPointer(String pointer, String tag, CommitSha commit, boolean required) {
    /** What an answer tells of its version. */
    sealed interface Reading {
        record Right(String version) implements Reading {}

        record Missing(String saw) implements Reading {}

        record Wrong(String saw) implements Reading {}
    }

    Reading read(Answer answer, Quoting quoting) {
        return switch (JsonBody.at(pointer, answer, quoting)) {
            case JsonBody.Found.Nothing(String saw) -> new Reading.Missing(saw);
            case JsonBody.Found.Structure(String saw) -> new Reading.Wrong(saw);
            case JsonBody.Found.Value(String version) ->
                isWanted(version)
                        ? new Reading.Right(version)
                        : new Reading.Wrong("the answer says " + quoting.quote(version));
        };
    }

    private boolean isWanted(String version) {
        boolean abbreviates =
                version.matches("[0-9a-f]{7,64}") && commit.value().startsWith(version);
        return abbreviates || (!version.isEmpty() && version.equals(tag));
    }

    /** What would be right. */
    String wanted() {
        return tag.isEmpty()
                ? "commit %s at %s".formatted(commit.abbreviated(), pointer)
                : "version \"%s\" or commit %s at %s".formatted(tag, commit.abbreviated(), pointer);
    }
}
