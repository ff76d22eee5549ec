package dev.gitopsexecutor.policy;

import java.nio.file.Path;

/** What a deploy logs in to its hosts with. */
public sealed interface SshRule {

    /** An OpenSSH private key on this machine. */
    record KeyFile(Path file) implements SshRule {}

    /**
     * An OpenSSH private key in Vault.
     *
     * @param path below the environment's KV v2 mount; need not be within the paths that a job may name
     * @param key within the secret at that path
     */
    record KeySecret(String path, String key) implements SshRule {
        @Override
        public String toString() {
            return path + "#" + key;
        }
    }

    /**
     * A key of this deploy alone, certified by Vault for some minutes.
     *
     * @param mount of the SSH secrets engine
     * @param role of that engine
     */
    record Certificate(String mount, String role) implements SshRule {
        @Override
        public String toString() {
            return mount + "/" + role;
        }
    }
}
