package dev.gitopsexecutor.secrets;

import io.github.jopenlibs.vault.json.JsonObject;
import io.github.jopenlibs.vault.json.JsonValue;
import io.github.jopenlibs.vault.response.LogicalResponse;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What one login may do in Vault, until it is closed. */
public sealed class VaultSession implements AutoCloseable permits OwnSession {
    private static final String TRIED = "read a secret from Vault";

    private final VaultToken token;
    private final InstantSource clock;
    /** By path and version: Vault is asked once for each, so that one release never mixes versions. */
    private final Map<String, KvAnswer> answers = new LinkedHashMap<>();

    private final Map<String, Lease> leases = new LinkedHashMap<>();

    VaultSession(VaultToken token, InstantSource clock) {
        this.token = token;
        this.clock = clock;
    }

    /** A KV secret as it was when it was first looked up in this session; the newest version where none is named. Blocks. */
    KvAnswer lookUp(KvEngine engine, String path, OptionalLong version) {
        requirePath(engine.mount());
        requirePath(path);
        String number = version.isPresent() ? "?version=" + version.getAsLong() : "";
        return answers.computeIfAbsent(
                engine.apiPath(path) + number, request -> ask(engine, path, request, number.isEmpty()));
    }

    /** A secret that is made for this session, once for each path; it ends with the session unless that is kept. Blocks. */
    Lease make(String path) {
        requirePath(path);
        return leases.computeIfAbsent(path, _ -> {
            if (token.held().isEmpty()) {
                throw token.refused(
                        TRIED,
                        path,
                        "a batch token, which nobody can renew or revoke, and what is made with it neither",
                        "Set `token_type` of the role that `vault.dynamic` names to service.");
            }
            LogicalResponse answer = token.answer(token.read(path), TRIED, path, "read");
            Long seconds = answer.getLeaseDuration();
            if (answer.getLeaseId() == null || answer.getLeaseId().isEmpty() || seconds == null) {
                throw token.refused(
                        TRIED,
                        path,
                        "an answer without a lease",
                        "Write it without `dynamic:` when a KV engine has it; only secrets that are made at each read have"
                                + " leases.");
            }
            return new Lease(
                    answer.getLeaseId(),
                    path,
                    clock.instant().plusSeconds(seconds),
                    VaultToken.values(answer.getDataObject()));
        });
    }

    /** As {@link SshSigning#sign}. */
    public String signSshKey(String mount, String role, String publicKey, Set<String> principals) {
        return SshSigning.sign(token, mount, role, publicKey, principals);
    }

    /** Of everything read so far that has versions, in that order, each secret once. */
    public List<SecretVersion> versions() {
        return answers.values().stream()
                .flatMap(answer -> answer instanceof KvAnswer.Found found
                        ? found.version().stream()
                        : Stream.<SecretVersion>empty())
                .distinct()
                .toList();
    }

    /** What was made for this session. */
    public List<Lease> leases() {
        return List.copyOf(leases.values());
    }

    /** Lets the secrets that were made live on for a release after this session. Throws {@code STATE_UNUSABLE}. */
    public void keepFor(String place, String release) {
        SortedMap<String, Instant> ends = new TreeMap<>();
        leases.values().forEach(lease -> ends.put(lease.id(), lease.until()));
        token.keep(new HeldToken.Kept(place, List.of(release), ends));
    }

    /** Revokes the session's token; returns what went wrong, if it did, for a warning. A second call does nothing. */
    public Optional<String> revoke() {
        return token.revoke();
    }

    /** As {@link #revoke}, for callers that warned already; what is kept lives on. */
    @Override
    public void close() {
        token.close();
    }

    private KvAnswer ask(KvEngine engine, String path, String request, boolean newest) {
        Reply<LogicalResponse> reply = token.read(request);
        return switch (reply) {
            case Reply.Answered<LogicalResponse>(int status, String body, LogicalResponse answer) ->
                switch (status) {
                    case 200 -> found(engine, path, answer);
                    case 404 -> absent(engine, path, body, answer, newest);
                    default -> throw refused(engine, path, status);
                };
            case Reply.Refused<LogicalResponse>(int status, String _) -> throw refused(engine, path, status);
            case Reply.Unavailable<LogicalResponse> unavailable ->
                throw unavailable.failure(TRIED, token.on(engine.mount() + "/" + path));
        };
    }

    private KvAnswer found(KvEngine engine, String path, LogicalResponse answer) {
        JsonObject data = answer.getDataObject();
        if (answer.getLeaseId() != null && !answer.getLeaseId().isEmpty()) {
            throw token.refused(
                    TRIED,
                    engine.mount() + "/" + path,
                    "a lease: the secret is made at each read and ends soon",
                    "Name a KV engine as `vault.mount` in policy.yaml, and what has leases under `vault.dynamic`.");
        }
        if (engine.version() == 1) {
            if (data == null) {
                throw noSecret(engine, path);
            }
            return new KvAnswer.Found(VaultToken.values(data), Optional.empty());
        }
        KvSecret secret = KvSecret.of(path, data).orElseThrow(() -> noSecret(engine, path));
        return new KvAnswer.Found(VaultToken.values(secret.values()), Optional.of(secret.version()));
    }

    private RuntimeException noSecret(KvEngine engine, String path) {
        return token.refused(
                TRIED,
                engine.mount() + "/" + path,
                "200, but no secret of a KV engine of version " + engine.version(),
                "Name a KV engine as `vault.mount` in policy.yaml, and its version, 1 or 2, as `vault.kv_version`.");
    }

    private KvAnswer absent(KvEngine engine, String path, String body, LogicalResponse answer, boolean newest) {
        if (body.contains("no handler for route")) {
            throw token.refused(
                    TRIED,
                    engine.mount() + "/" + path,
                    "404: no secrets engine is mounted at \"%s\"".formatted(engine.mount()),
                    "Correct `vault.mount` in policy.yaml, or mount a KV v%d engine there."
                            .formatted(engine.version()));
        }
        JsonObject metadata = VaultToken.object(answer.getDataObject(), "metadata");
        if (metadata == null || metadata.get("version") == null) {
            return new KvAnswer.Missing(newest ? "does not exist" : "has no such version");
        }
        JsonValue version = metadata.get("version");
        return new KvAnswer.Missing(
                metadata.getBoolean("destroyed", false)
                        ? "was destroyed (version %s)".formatted(version)
                        : "was deleted at %s (version %s)"
                                .formatted(metadata.getString("deletion_time", "?"), version));
    }

    private RuntimeException refused(KvEngine engine, String path, int status) {
        return token.refused(
                TRIED,
                engine.mount() + "/" + path,
                status,
                "Give the role's Vault policy `read` on %s, and check that the mount is there."
                        .formatted(engine.apiPath(path)));
    }

    private static void requirePath(String path) {
        if (!SecretRef.isPath(path)) {
            throw new IllegalArgumentException("not a path of Vault");
        }
    }
}
