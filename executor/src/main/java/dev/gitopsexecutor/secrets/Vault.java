package dev.gitopsexecutor.secrets;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.identity.VerifiedIdentity;
import dev.gitopsexecutor.io.Http;
import io.github.jopenlibs.vault.response.AuthResponse;
import java.io.IOException;
import java.time.Duration;

/** The Vault server, before anybody logged in. */
public final class Vault {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final VaultSettings settings;
    private final Duration timeout;

    public Vault(VaultSettings settings) {
        this(settings, TIMEOUT);
    }

    Vault(VaultSettings settings, Duration timeout) {
        this.settings = settings;
        this.timeout = timeout;
    }

    /** Logs in with the job's ID token. Blocks. */
    public VaultSession login(VerifiedIdentity identity, String role) {
        Http http = open();
        VaultClient client = new VaultClient(settings, http, timeout);
        try {
            AuthResponse answer = login(client, identity, role);
            return new VaultSession(client, SecretValue.of(answer.getAuthClientToken()));
        } catch (RuntimeException failed) {
            client.close();
            throw failed;
        }
    }

    private AuthResponse login(VaultClient client, VerifiedIdentity identity, String role) {
        String tried = "log in to Vault";
        String on = "role %s of auth/%s on %s".formatted(role, settings.authMount(), settings.address());
        Reply<AuthResponse> reply = client.ask(() -> client.auth("")
                .loginByJwt(settings.authMount(), role, identity.revealToken(), "auth/" + settings.authMount()));
        return switch (reply) {
            case Reply.Answered<AuthResponse>(int status, String _, AuthResponse answer) -> {
                if (answer.getAuthClientToken() == null) {
                    throw Reply.notVault(status).failure(tried, on);
                }
                yield answer;
            }
            case Reply.Refused<AuthResponse>(int status, String body) ->
                throw new ExecutorException(new Failure(
                        FailureCode.VAULT_REFUSED,
                        tried,
                        on,
                        "%d: %s".formatted(status, LoginRefusal.explain(body)),
                        "Compare the role in Vault with the job's claims and the policy's `vault.role`; Vault's audit log"
                                + " has the whole answer."));
            case Reply.Unavailable<AuthResponse> unavailable -> throw unavailable.failure(tried, on);
        };
    }

    private Http open() {
        try {
            return Http.open(settings.caFile());
        } catch (IOException failed) {
            throw new ExecutorException(
                    new Failure(
                            FailureCode.CONFIG_INVALID,
                            "read the CA of Vault",
                            String.valueOf(settings.caFile().orElse(null)),
                            failed.toString(),
                            "Correct `vault.ca_file` in executor.yaml."),
                    failed);
        }
    }
}
