package dev.gitopsexecutor.secrets;

import dev.gitopsexecutor.failure.ExecutorException;
import io.github.jopenlibs.vault.json.Json;
import io.github.jopenlibs.vault.json.JsonObject;
import io.github.jopenlibs.vault.response.LogicalResponse;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the executor itself may do in Vault, apart from its jobs, until it is closed. */
public final class OwnSession extends VaultSession {
    private static final String REVOKE = "auth/token/revoke-accessor";
    private static final String RENEW = "auth/token/renew-accessor";
    private static final String RENEW_LEASE = "sys/leases/renew";
    private static final String GONE = "%s is gone, and so are its secrets: deploy again";

    private final VaultToken token;
    private final HeldTokens tokens;
    private final InstantSource clock;

    OwnSession(VaultToken token, HeldTokens tokens, InstantSource clock) {
        super(token, clock);
        this.token = token;
        this.tokens = tokens;
        this.clock = clock;
    }

    /** Revokes a job's token and what ends with it, unless it is gone already; returns what went wrong. Blocks. */
    public Optional<String> revoke(HeldToken held) {
        Reply<LogicalResponse> reply = token.write(REVOKE, accessor(held));
        Optional<String> problem = isGone(reply) ? Optional.empty() : problem(reply, REVOKE);
        return problem.or(() -> failing(() -> tokens.drop(held)));
    }

    /**
     * Lets a kept token and its leases live longer. Blocks.
     *
     * @return what somebody should do something about: what could not be renewed, and what ends soon because its role lets it
     *     live no longer
     */
    public List<String> renew(HeldToken held) {
        Reply<LogicalResponse> reply = token.write(RENEW, accessor(held));
        if (isGone(reply)) {
            // A deploy may have revoked it just now.
            return tokens.has(held) ? List.of(GONE.formatted("it")) : List.of();
        }
        List<String> problems = new ArrayList<>();
        held.kept()
                .orElseThrow()
                .leases()
                .forEach((lease, end) -> renew(lease, end).ifPresent(problems::add));
        Renewal.of(reply, "auth", clock.instant(), held.until())
                .ifPresentOrElse(
                        renewal -> {
                            renewal.warning("it", clock.instant()).ifPresent(problems::add);
                            failing(() -> tokens.prolong(held, renewal.until())).ifPresent(problems::add);
                        },
                        () -> problem(reply, RENEW).ifPresent(problems::add));
        return problems;
    }

    private Optional<String> renew(String lease, Instant end) {
        Reply<LogicalResponse> reply = token.write(RENEW_LEASE, Map.of("lease_id", lease));
        String name = "lease " + lease;
        if (Reply.refusal(reply).contains("lease not found")) {
            return Optional.of(GONE.formatted(name));
        }
        return Renewal.of(reply, "", clock.instant(), end)
                .map(renewal -> renewal.warning(name, clock.instant()))
                .orElseGet(() -> problem(reply, RENEW_LEASE));
    }

    /** What kept {@code record} from being written. */
    private static Optional<String> failing(Runnable record) {
        try {
            record.run();
            return Optional.empty();
        } catch (ExecutorException unwritable) {
            return Optional.of(unwritable.failure().saw());
        }
    }

    /** The newest version of a KV v2 secret, without its values; empty where there is none. Blocks. */
    public Optional<SecretVersion> newest(KvEngine engine, String path) {
        String request = "%s/metadata/%s".formatted(engine.mount(), path);
        Reply<LogicalResponse> reply = token.read(request);
        if (reply instanceof Reply.Answered<LogicalResponse> answered && answered.status() == 404) {
            return Optional.empty();
        }
        JsonObject data = token.answer(reply, "see the versions of a secret in Vault", request, "read")
                .getDataObject();
        JsonObject versions = VaultToken.object(data, "versions");
        if (data == null || versions == null) {
            return Optional.empty();
        }
        String number = String.valueOf(data.get("current_version"));
        return Optional.ofNullable(VaultToken.object(versions, number))
                .flatMap(version -> SecretVersion.of(path, new JsonObject(version).set("version", Json.parse(number))));
    }

    /**
     * Reads what is there, to replace one key of it by {@link #write}. Blocks.
     *
     * @throws ExecutorException {@code VAULT_REFUSED}, also when secret or key are not there; or
     *     {@code VAULT_UNREACHABLE}
     */
    public Replacement prepare(KvEngine engine, SecretRef ref, SecretValue value) {
        return new KvWriter(token).prepare(engine, ref, value);
    }

    /** Writes the new version; throws as {@link #prepare}, also when somebody else has written one since. Blocks. */
    public SecretVersion write(Replacement replacement) {
        return new KvWriter(token).write(replacement);
    }

    /** Destroys the version from before; returns what went wrong. Blocks. */
    public Optional<String> destroy(Replacement replacement) {
        return new KvWriter(token).destroy(replacement);
    }

    /**
     * Makes the values from before the newest again; returns what went wrong. Blocks.
     *
     * @param isUncertain whether {@link #write} failed, so that Vault may still be about to do it
     */
    public Optional<String> undo(Replacement replacement, boolean isUncertain) {
        return new KvWriter(token).undo(replacement, isUncertain);
    }

    private static Map<String, Object> accessor(HeldToken held) {
        return Map.of("accessor", held.accessor());
    }

    /** A token that ended by itself leaves an accessor behind that nobody knows. */
    private static boolean isGone(Reply<?> reply) {
        return Reply.refusal(reply).contains("invalid accessor");
    }

    static Optional<String> problem(Reply<?> reply, String path) {
        return switch (reply) {
            case Reply.Answered<?> answered when answered.status() < 300 -> Optional.empty();
            case Reply.Answered<?> answered -> Optional.of(refused(answered.status(), path));
            case Reply.Refused<?> refused -> Optional.of(refused(refused.status(), path));
            case Reply.Unavailable<?> unavailable -> Optional.of(unavailable.saw());
        };
    }

    private static String refused(int status, String path) {
        String next = status == 403 ? "; the policy of the executor's own role must allow `update` on it" : "";
        return "Vault answered %d to %s%s".formatted(status, path, next);
    }
}
