package dev.gitopsexecutor.model;

/** A GitLab project, by the number that a rename cannot change. */
public record ProjectId(long value) {
    /** Throws {@link IllegalArgumentException} unless positive. */
    public ProjectId {
        if (value <= 0) {
            throw new IllegalArgumentException("%d is not a GitLab id".formatted(value));
        }
    }

    @Override
    public String toString() {
        return Long.toString(value);
    }
}
