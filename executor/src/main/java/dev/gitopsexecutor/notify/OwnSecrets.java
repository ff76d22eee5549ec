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

/** Reads secrets of notifiers, each once while this process lives; safe for several threads. */
public final class OwnSecrets {
    private final Vault vault;
    private final Optional<KvEngine> engine;
    private final Masker masker;
    private final Map<OwnSecret, SecretValue> known = new HashMap<>();

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
    public synchronized SecretValue read(OwnSecret place) {
        SecretValue before = known.get(place);
        if (before != null) {
            return before;
        }
        SecretValue value = switch (place) {
            case OwnSecret.InFile file -> SecretValue.of(SecretFile.read(file.file(), "secret of a notifier"));
            case OwnSecret.InVault stored -> fromVault(stored.ref());
        };
        masker.add(value);
        known.put(place, value);
        return value;
    }

    private SecretValue fromVault(SecretRef ref) {
        KvEngine own = engine.orElseThrow(() -> new IllegalStateException("the executor has no identity of its own"));
        SecretScope scope = new SecretScope(own, List.of(ref.toString()), List.of(), false);
        try (OwnSession session = vault.loginItself(Optional.empty())) {
            return new SecretReader(session, Optional.empty(), scope, masker).readOwn(ref);
        }
    }
}
