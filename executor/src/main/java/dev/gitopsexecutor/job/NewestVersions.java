package dev.gitopsexecutor.job;

import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.ledger.DeployedSecret;
import dev.gitopsexecutor.ledger.SecretField;
import dev.gitopsexecutor.secrets.KvEngine;
import dev.gitopsexecutor.secrets.Masker;
import dev.gitopsexecutor.secrets.OwnSession;
import dev.gitopsexecutor.secrets.SecretVersion;
import dev.gitopsexecutor.secrets.Vault;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** What is the newest in Vault, asked for without any value. */
public final class NewestVersions {
    private final Map<String, SecretVersion> byPath = new HashMap<>();
    private Optional<String> problem = Optional.empty();

    private NewestVersions() {}

    /** As the executor itself; nothing is known where it has no identity of its own. Blocks. */
    public static NewestVersions of(ExecutorConfig config, Collection<DeployedSecret> deployed, InstantSource clock) {
        NewestVersions newest = new NewestVersions();
        Vault vault = VaultAccess.of(config, new Masker(), clock);
        if (vault.hasOwnIdentity() && !deployed.isEmpty()) {
            try (OwnSession own = vault.loginItself(Optional.empty())) {
                deployed.forEach(secret -> newest.ask(own, secret));
            } catch (ExecutorException failed) {
                newest.problem = Optional.of(failed.failure().block());
            }
        }
        return newest;
    }

    private void ask(OwnSession own, DeployedSecret deployed) {
        SecretField field = deployed.secret().field();
        if (deployed.secret().version().isPresent() && !byPath.containsKey(key(field))) {
            try {
                own.newest(new KvEngine(field.mount(), 2), field.path())
                        .ifPresent(version -> byPath.put(key(field), version));
            } catch (ExecutorException failed) {
                // One that may not be looked at says nothing of the others; a Vault that does not answer does.
                if (failed.code() != FailureCode.VAULT_REFUSED) {
                    throw failed;
                }
                problem = problem.or(() -> Optional.of(failed.failure().block()));
            }
        }
    }

    /** Empty where it is not known. */
    public Optional<SecretVersion> of(SecretField field) {
        return Optional.ofNullable(byPath.get(key(field)));
    }

    /** What kept anybody from asking for all of them. */
    public Optional<String> problem() {
        return problem;
    }

    private static String key(SecretField field) {
        return field.mount() + "/" + field.path();
    }
}
