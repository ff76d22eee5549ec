package dev.gitopsexecutor.notify;

import dev.gitopsexecutor.secrets.SecretRef;
import java.nio.file.Path;

/** Where a secret of a notifier is. */
public sealed interface OwnSecret {
    /** The only word of a file that nobody but its owner may read. */
    record InFile(Path file) implements OwnSecret {}

    /** In the KV engine of {@code vault.own_identity}. */
    record InVault(SecretRef ref) implements OwnSecret {}
}
