package dev.gitopsexecutor.secrets;

/**
 * Where a secret is, without the secret: {@code shop/staging#database_password}.
 *
 * @param path below the environment's KV v2 mount, without {@code data/}
 * @param key within the secret at that path
 */
public record SecretRef(String path, String key) {

    @Override
    public String toString() {
        return path + "#" + key;
    }
}
