package dev.gitopsexecutor.notify;

import dev.gitopsexecutor.io.SecretFile;
import dev.gitopsexecutor.secrets.KvEngine;
import dev.gitopsexecutor.secrets.Masker;
import dev.gitopsexecutor.secrets.OwnSession;
import dev.gitopsexecutor.secrets.SecretReader;
import dev.gitopsexecutor.secrets.SecretRef;
import dev.gitopsexecutor.secrets.SecretScope;
import dev.gitopsexecutor.secrets.SecretValue;
import dev.gitopsexecutor.secrets.Vault;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads secrets of notifiers, those in Vault once while this process lives; safe for several threads. */
public final class OwnSecrets {
    private final Vault vault;
    private final Optional<KvEngine> engine;
    private final Masker masker;
    private final Map<SecretRef, SecretValue> known = new HashMap<>();

    /** @param engine of the executor's own secrets; needed where one of them is in Vault */
    public OwnSecrets(Vault vault, Optional<KvEngine> engine, Masker masker) {
        this.vault = vault;
        this.engine = engine;
        this.masker = masker;
    }

    /**
     * The masker knows it before this returns. Blocks.
     *
     * @throws dev.gitopsexecutor.failure.ExecutorException when it cannot be read
     */
    public SecretValue read(OwnSecret place) {
        return switch (place) {
            case OwnSecret.InFile file -> {
                SecretValue value = SecretValue.of(SecretFile.read(file.file(), "secret of a notifier"));
                masker.add(value);
                yield value;
            }
            case OwnSecret.InVault stored -> fromVault(stored.ref());
        };
    }

    /** Who reads a file waits for none of this. */
    private synchronized SecretValue fromVault(SecretRef ref) {
        SecretValue before = known.get(ref);
        if (before != null) {
            return before;
        }
        KvEngine own = engine.orElseThrow(() -> new IllegalStateException("the executor has no identity of its own"));
        SecretScope scope = new SecretScope(own, List.of(ref.toString()), List.of(), false);
        try (OwnSession session = vault.loginItself(Optional.empty())) {
            SecretValue value = new SecretReader(session, Optional.empty(), scope, masker).readOwn(ref);
            known.put(ref, value);
            return value;
        }
    }
}
