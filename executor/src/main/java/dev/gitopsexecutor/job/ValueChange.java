package dev.gitopsexecutor.job;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.secrets.KvEngine;
import dev.gitopsexecutor.secrets.OwnSession;
import dev.gitopsexecutor.secrets.Replacement;
import dev.gitopsexecutor.secrets.SecretRef;
import dev.gitopsexecutor.secrets.SecretValue;
import dev.gitopsexecutor.secrets.SecretVersion;
import dev.gitopsexecutor.secrets.Vault;
import java.util.Optional;
import java.util.function.Function;

/**
 * Vault's part of a rotation. Each step logs in anew: between them a deploy may take longer than a token lives.
 */
final class ValueChange {
    private final Vault vault;
    private final SecretRef secret;
    private final Replacement replacement;
    private final JobLog log;
    private boolean attempted;
    private boolean written;

    private ValueChange(Vault vault, SecretRef secret, Replacement replacement, JobLog log) {
        this.vault = vault;
        this.secret = secret;
        this.replacement = replacement;
        this.log = log;
    }

    /** Looks what is there, and changes nothing yet. */
    static ValueChange prepare(Vault vault, KvEngine engine, SecretRef secret, SecretValue value, JobLog log) {
        try (OwnSession own = vault.loginItself(Optional.empty())) {
            return new ValueChange(vault, secret, own.prepare(engine, secret, value), log);
        }
    }

    Replacement replacement() {
        return replacement;
    }

    SecretVersion write() {
        attempted = true;
        try (OwnSession own = vault.loginItself(Optional.empty())) {
            SecretVersion version = own.write(replacement);
            written = true;
            log.fact("%s is version %d in Vault now, in place of version %d"
                    .formatted(secret, version.version(), before()));
            return version;
        }
    }

    /** The new value is good, so that nobody needs the one before it. What goes wrong is said. */
    void finish() {
        attempt(own -> own.destroy(replacement))
                .ifPresentOrElse(
                        problem -> log.warning("The old version %d is still in Vault: %s".formatted(before(), problem)),
                        () -> log.fact("version %d is destroyed in Vault".formatted(before())));
    }

    /** No host runs with the new value. What goes wrong is said. */
    void undo() {
        if (attempted) {
            attempt(own -> own.undo(replacement, !written))
                    .ifPresentOrElse(
                            problem -> log.warning(
                                    "Vault may still have a new value, with which no host runs: " + problem),
                            () -> log.fact("the value of version %d is the newest in Vault again".formatted(before())));
        }
    }

    private Optional<String> attempt(Function<OwnSession, Optional<String>> step) {
        try (OwnSession own = vault.loginItself(Optional.empty())) {
            return step.apply(own);
        } catch (ExecutorException failed) {
            return Optional.of(failed.failure().saw());
        }
    }

    /** Some host may run with either. */
    void leave() {
        if (attempted) {
            log.warning("Versions %d and %d stay in Vault: a host may run with either."
                    .formatted(before(), replacement.number()));
        }
    }

    private long before() {
        return replacement.before().version();
    }
}
