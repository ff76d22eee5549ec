package dev.gitopsexecutor.secrets;

import dev.gitopsexecutor.failure.ExecutorException;
import io.github.jopenlibs.vault.json.JsonArray;
import io.github.jopenlibs.vault.json.JsonObject;
import io.github.jopenlibs.vault.response.LogicalResponse;
import java.util.Map;
import java.util.Optional;

/** Changes one secret of a KV v2 engine, never over what somebody else wrote meanwhile. */
final class KvWriter {
    private static final String TRIED = "replace a secret in Vault";

    private final VaultToken token;

    KvWriter(VaultToken token) {
        this.token = token;
    }

    Replacement prepare(KvEngine engine, SecretRef ref, SecretValue value) {
        KvSecret now = read(engine, ref.path());
        if (now.values().get(ref.key()) == null) {
            throw token.refused(
                    TRIED,
                    engine.apiPath(ref.path()),
                    "it has no key \"%s\"".formatted(ref.key()),
                    "Correct `vault.generated` in policy.yaml, or write a first value in Vault.");
        }
        return new Replacement(engine, ref, now.version(), now.values(), value);
    }

    SecretVersion write(Replacement change) {
        return put(change, change.valuesAfter(), change.before().version());
    }

    /**
     * Makes the values of before the newest again; whoever reads the version in between by its number still finds it.
     *
     * @param isUncertain whether the write may still come: then it finds that it is too late
     */
    Optional<String> undo(Replacement change, boolean isUncertain) {
        try {
            KvSecret now = read(change.engine(), change.path());
            boolean isAsBefore = now.version().version() == change.before().version();
            if (isAsBefore && !isUncertain) {
                return Optional.empty();
            }
            if (!isAsBefore && !isWritten(change, now)) {
                return Optional.of(somebodyElse(now));
            }
            var _ = put(change, change.valuesBefore(), now.version().version());
            return Optional.empty();
        } catch (ExecutorException failed) {
            return Optional.of(failed.failure().saw());
        }
    }

    Optional<String> destroy(Replacement change) {
        String path = "%s/destroy/%s".formatted(change.engine().mount(), change.path());
        return OwnSession.problem(
                token.write(
                        path,
                        Map.of("versions", new JsonArray().add(change.before().version()))),
                path);
    }

    /** A repetition does no harm: only the first finds the version that it wants to follow. */
    private SecretVersion put(Replacement change, JsonObject values, long current) {
        String apiPath = change.engine().apiPath(change.path());
        Reply<LogicalResponse> reply =
                token.write(apiPath, Map.of("options", new JsonObject().add("cas", current), "data", values));
        if (reply instanceof Reply.Answered<LogicalResponse> answered && answered.status() == 200) {
            return Optional.ofNullable(answered.answer().getDataObject())
                    .flatMap(metadata -> SecretVersion.of(change.path(), metadata))
                    .orElseThrow(() -> noSecret(apiPath));
        }
        boolean mayBeThere =
                reply instanceof Reply.Unavailable || Reply.refusal(reply).contains("check-and-set");
        if (mayBeThere) {
            // Its answer may be lost though it was heard; a second try then meets the first.
            KvSecret now = read(change.engine(), change.path());
            if (now.version().version() == current + 1 && now.values().equals(values)) {
                return now.version();
            }
            if (now.version().version() != current) {
                throw token.refused(TRIED, apiPath, somebodyElse(now), "See who did, then do this again.");
            }
        }
        token.answer(reply, TRIED, apiPath, "update");
        throw noSecret(apiPath);
    }

    private static boolean isWritten(Replacement change, KvSecret now) {
        return now.version().version() == change.number() && now.values().equals(change.valuesAfter());
    }

    private static String somebodyElse(KvSecret now) {
        return "somebody else has written version %d meanwhile"
                .formatted(now.version().version());
    }

    private KvSecret read(KvEngine engine, String path) {
        String apiPath = engine.apiPath(path);
        LogicalResponse answer = token.answer(token.read(apiPath), TRIED, apiPath, "read");
        return KvSecret.of(path, answer.getDataObject()).orElseThrow(() -> noSecret(apiPath));
    }

    private ExecutorException noSecret(String path) {
        return token.refused(
                TRIED,
                path,
                "200, but no secret of a KV engine of version 2",
                "Name a KV v2 engine as `vault.mount` in policy.yaml.");
    }
}
