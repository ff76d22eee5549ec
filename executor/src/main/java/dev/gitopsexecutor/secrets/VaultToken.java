package dev.gitopsexecutor.secrets;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import io.github.jopenlibs.vault.json.JsonObject;
import io.github.jopenlibs.vault.json.JsonValue;
import io.github.jopenlibs.vault.response.LogicalResponse;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A token of Vault until it is revoked: every request that is made with it. */
final class VaultToken implements AutoCloseable {
    private final VaultClient client;
    private final SecretValue token;
    private final HeldTokens tokens;
    /** Empty for one without an accessor: Vault cannot revoke it. */
    private final Optional<HeldToken> held;

    private boolean closed;
    private boolean kept;

    VaultToken(VaultClient client, SecretValue token, HeldTokens tokens, Optional<HeldToken> held) {
        this.client = client;
        this.token = token;
        this.tokens = tokens;
        this.held = held;
    }

    VaultClient client() {
        return client;
    }

    Optional<HeldToken> held() {
        return held;
    }

    /** {@code path} of the HTTP API, without {@code /v1/}. Blocks. */
    Reply<LogicalResponse> read(String path) {
        return client.ask(() -> client.logical(token.reveal()).read(path));
    }

    /** As {@link #read}. Is asked again where that can help: to make a thing twice must do no harm. */
    Reply<LogicalResponse> write(String path, Map<String, Object> body) {
        return client.ask(() -> client.logical(token.reveal()).write(path, body));
    }

    /** Lets it live on after this session, unless it is revoked. Throws {@code STATE_UNUSABLE}. */
    void keep(HeldToken.Kept use) {
        held.ifPresent(mine -> tokens.hold(mine.keptFor(use)));
        kept = true;
    }

    /** Revokes it; returns what went wrong, if it did, for a warning. A second call does nothing. */
    Optional<String> revoke() {
        if (closed) {
            return Optional.empty();
        }
        closed = true;
        // A canceled job's token must go as well.
        boolean interrupted = Thread.interrupted();
        try (client) {
            if (kept) {
                // Should it not go now, somebody else is to revoke it, and nobody to renew it.
                held.map(HeldToken::orphaned).ifPresent(tokens::hold);
            }
            Reply<Boolean> reply = client.ask(() -> {
                client.auth(token.reveal()).revokeSelf();
                return true;
            });
            return switch (reply) {
                case Reply.Answered<Boolean> _ -> {
                    held.ifPresent(tokens::drop);
                    yield Optional.empty();
                }
                case Reply.Refused<Boolean> refused ->
                    Optional.of(
                            "Vault answered %d to revoke-self; its policy must allow that".formatted(refused.status()));
                case Reply.Unavailable<Boolean> unavailable -> Optional.of(unavailable.saw());
            };
        } catch (ExecutorException unwritable) {
            return Optional.of(unwritable.failure().saw());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** As {@link #revoke}, for callers that warned already; one that is kept is left alone. */
    @Override
    public void close() {
        if (kept && !closed) {
            closed = true;
            client.close();
        }
        var _ = revoke();
    }

    String on(String path) {
        return "%s on %s".formatted(path, client.settings().address());
    }

    /** The 200 of a reply; every other throws, with the capability that the token's policy needs on {@code path}. */
    LogicalResponse answer(Reply<LogicalResponse> reply, String tried, String path, String capability) {
        String next = "Give the role's Vault policy `%s` on %s, and check that the mount is there."
                .formatted(capability, path);
        return switch (reply) {
            case Reply.Answered<LogicalResponse>(int status, String _, LogicalResponse answer) -> {
                if (status != 200) {
                    throw refused(tried, path, status, next);
                }
                yield answer;
            }
            case Reply.Refused<LogicalResponse>(int status, String _) -> throw refused(tried, path, status, next);
            case Reply.Unavailable<LogicalResponse> unavailable -> throw unavailable.failure(tried, on(path));
        };
    }

    ExecutorException refused(String tried, String path, int status, String need) {
        String saw = status == 403 ? "403: permission denied" : "%d: the request was refused".formatted(status);
        return refused(tried, path, saw, need);
    }

    ExecutorException refused(String tried, String path, String saw, String next) {
        return new ExecutorException(new Failure(FailureCode.VAULT_REFUSED, tried, on(path), saw, next));
    }

    /** The values of a JSON object as text; those that are no text are written as JSON. */
    static Map<String, SecretValue> values(@Nullable JsonObject json) {
        Map<String, SecretValue> values = new LinkedHashMap<>();
        if (json != null) {
            for (JsonObject.Member member : json) {
                values.put(member.getName(), text(member.getValue()));
            }
        }
        return values;
    }

    static SecretValue text(JsonValue value) {
        return SecretValue.of(value.isString() ? value.asString() : value.toString());
    }

    /** The object of that name; null when there is none. */
    static @Nullable JsonObject object(@Nullable JsonObject parent, String name) {
        JsonValue value = parent == null ? null : parent.get(name);
        return value != null && value.isObject() ? value.asObject() : null;
    }
}
