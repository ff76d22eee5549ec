package dev.gitopsexecutor.deploy;

/**
 * What a release does to its database, in numbers that the application team counts; both are 0 without one.
 *
 * @param version at which the release leaves the schema
 * @param oldest the lowest version of a release that still runs on it; at most {@code version}
 */
public record SchemaSpec(long version, long oldest) {
    public static final SchemaSpec NONE = new SchemaSpec(0, 0);

    /** Throws {@link IllegalArgumentException} with a sentence for the reader. */
    public SchemaSpec {
        if (oldest < 0 || oldest > version) {
            throw new IllegalArgumentException("oldest, %d, is not 0 to version, %d".formatted(oldest, version));
        }
    }
}
