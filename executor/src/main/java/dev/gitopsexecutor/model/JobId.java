package dev.gitopsexecutor.model;

/** A GitLab job. */
public record JobId(long value) {
    /** Throws {@link IllegalArgumentException} unless positive. */
    public JobId {
        if (value <= 0) {
            throw new IllegalArgumentException("%d is not a GitLab id".formatted(value));
        }
    }

    @Override
    public String toString() {
        return Long.toString(value);
    }
}
