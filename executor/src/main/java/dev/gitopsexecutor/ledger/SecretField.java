package dev.gitopsexecutor.ledger;

/**
 * Where one value is in Vault, without the value.
 *
 * @param mount of the engine
 * @param path below it
 * @param key within the secret at that path
 */
public record SecretField(String mount, String path, String key) {

    /** {@code kv/shop/staging#database_password}. */
    @Override
    public String toString() {
        return "%s/%s#%s".formatted(mount, path, key);
    }
}
