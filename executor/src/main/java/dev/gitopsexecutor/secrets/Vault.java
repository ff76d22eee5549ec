package dev.gitopsexecutor.secrets;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.identity.VerifiedIdentity;
import dev.gitopsexecutor.io.Http;
import dev.gitopsexecutor.io.ProcessId;
import dev.gitopsexecutor.io.SecretFile;
import dev.gitopsexecutor.model.JobId;
import io.github.jopenlibs.vault.response.AuthResponse;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/** The Vault server, before anybody logged in. */
public final class Vault {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final String TRIED = "log in to Vault";

    private final VaultSettings settings;
    private final HeldTokens tokens;
    private final Masker masker;
    private final InstantSource clock;
    private final Duration timeout;

    /**
     * Asks nobody yet.
     *
     * @param tokens where the tokens of jobs are written down until they are revoked
     * @param masker learns every token
     */
    public Vault(VaultSettings settings, HeldTokens tokens, Masker masker, InstantSource clock) {
        this(settings, tokens, masker, clock, TIMEOUT);
    }

    Vault(VaultSettings settings, HeldTokens tokens, Masker masker, InstantSource clock, Duration timeout) {
        this.settings = settings;
        this.tokens = tokens;
        this.masker = masker;
        this.clock = clock;
        this.timeout = timeout;
    }

    /** Logs in with the job's ID token. Blocks. */
    public VaultSession login(VerifiedIdentity identity, String role) {
        String on = "role %s of auth/%s on %s".formatted(role, settings.authMount(), settings.address());
        String next = "Compare the role in Vault with the job's claims and the policy's `vault.role`; Vault's audit log"
                + " has the whole answer.";
        VaultToken token = login(
                Optional.of(identity.jobId()),
                on,
                next,
                client -> client.auth("")
                        .loginByJwt(
                                settings.authMount(), role, identity.revealToken(), "auth/" + settings.authMount()));
        return new VaultSession(token, clock);
    }

    public URI address() {
        return settings.address();
    }

    /** Whether the executor is somebody in Vault apart from its jobs. */
    public boolean hasOwnIdentity() {
        return settings.own().isPresent();
    }

    /**
     * Logs in as the executor itself. Blocks.
     *
     * @param job in which that is needed, if it is for one
     * @throws IllegalStateException unless {@link #hasOwnIdentity}
     */
    public OwnSession loginItself(Optional<JobId> job) {
        VaultSettings.OwnIdentity own =
                settings.own().orElseThrow(() -> new IllegalStateException("the executor has no identity of its own"));
        String secretId = SecretFile.read(own.secretIdFile(), "secret id for Vault");
        masker.add(secretId);
        String on = "AppRole %s of auth/%s on %s".formatted(own.roleId(), own.authMount(), settings.address());
        String next =
                "Compare `vault.own_identity` in executor.yaml with the AppRole in Vault: its role id, a secret id that"
                        + " is still valid, and the addresses that it is bound to.";
        VaultToken token =
                login(job, on, next, client -> client.auth("").loginByAppRole(own.authMount(), own.roleId(), secretId));
        return new OwnSession(token, tokens, clock);
    }

    private interface Login {
        AuthResponse send(VaultClient client) throws io.github.jopenlibs.vault.VaultException;
    }

    private VaultToken login(Optional<JobId> job, String on, String next, Login login) {
        VaultClient client = new VaultClient(settings, open(), timeout);
        try {
            AuthResponse answer = answer(client.ask(() -> login.send(client)), on, next);
            SecretValue value = SecretValue.of(answer.getAuthClientToken());
            masker.add(value);
            VaultToken token = new VaultToken(client, value, tokens, held(job, answer));
            hold(token);
            return token;
        } catch (RuntimeException failed) {
            client.close();
            throw failed;
        }
    }

    /** Empty for a batch token, which nobody can revoke. */
    private Optional<HeldToken> held(Optional<JobId> job, AuthResponse answer) {
        return Optional.ofNullable(answer.getTokenAccessor())
                .filter(accessor -> !accessor.isEmpty())
                .map(accessor -> new HeldToken(
                        job,
                        ProcessId.self(),
                        accessor,
                        clock.instant().plusSeconds(answer.getAuthLeaseDuration()),
                        Optional.empty()));
    }

    /** Before anybody uses it; a token that nobody could revoke later is revoked at once. */
    private void hold(VaultToken token) {
        try {
            token.held().ifPresent(tokens::hold);
        } catch (RuntimeException failed) {
            token.close();
            throw failed;
        }
    }

    private static AuthResponse answer(Reply<AuthResponse> reply, String on, String next) {
        return switch (reply) {
            case Reply.Answered<AuthResponse>(int status, String _, AuthResponse answer) -> {
                if (answer.getAuthClientToken() == null) {
                    throw Reply.notVault(status).failure(TRIED, on);
                }
                yield answer;
            }
            case Reply.Refused<AuthResponse>(int status, String body) ->
                throw new ExecutorException(new Failure(
                        FailureCode.VAULT_REFUSED,
                        TRIED,
                        on,
                        "%d: %s".formatted(status, LoginRefusal.explain(body)),
                        next));
            case Reply.Unavailable<AuthResponse> unavailable -> throw unavailable.failure(TRIED, on);
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
