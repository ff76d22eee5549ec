package dev.gitopsexecutor.secrets;

/**
 * Where static secrets are.
 *
 * @param version of the KV engine, 1 or 2; only the second has versions of secrets
 */
public record KvEngine(String mount, int version) {

    /** The path of the HTTP API, without {@code /v1/}. */
    String apiPath(String path) {
        return version == 2 ? "%s/data/%s".formatted(mount, path) : "%s/%s".formatted(mount, path);
    }
}
