package dev.gitopsexecutor.secrets;

import static java.util.stream.Collectors.toMap;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import io.github.jopenlibs.vault.response.LogicalResponse;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What one role may read, until it is closed. */
public final class VaultSession implements AutoCloseable {
    private static final String TRIED = "read a secret from Vault";

    private final VaultClient client;
    private final SecretValue token;
    /** By mount and path: Vault is asked once for each. */
    private final Map<String, KvAnswer> answers = new LinkedHashMap<>();

    private boolean closed;

    VaultSession(VaultClient client, SecretValue token) {
        this.client = client;
        this.token = token;
    }

    /** The newest version of a KV v2 secret when it was first looked up in this session. Blocks. */
    KvAnswer lookUp(String mount, String path) {
        if (!SecretRef.isPath(mount) || !SecretRef.isPath(path)) {
            throw new IllegalArgumentException("not a path of Vault");
        }
        return answers.computeIfAbsent(mount + "/" + path, _ -> ask(mount, path));
    }

    private KvAnswer ask(String mount, String path) {
        Reply<LogicalResponse> reply =
                client.ask(() -> client.logical(token.reveal(), mount).read(mount + "/" + path));
        return switch (reply) {
            case Reply.Answered<LogicalResponse>(int status, String body, LogicalResponse answer) ->
                switch (status) {
                    case 200 -> found(mount, path, answer);
                    case 404 -> absent(mount, path, body, answer);
                    default -> throw refused(mount, path, status);
                };
            case Reply.Refused<LogicalResponse>(int status, String _) -> throw refused(mount, path, status);
            case Reply.Unavailable<LogicalResponse> unavailable -> throw unavailable.failure(TRIED, on(mount, path));
        };
    }

    /** Of everything read so far, in that order, each secret once. */
    public List<SecretVersion> versions() {
        return answers.values().stream()
                .flatMap(answer -> answer instanceof KvAnswer.Found found ? Stream.of(found.version()) : Stream.empty())
                .toList();
    }

    void hideIn(Masker masker) {
        masker.add(token);
    }

    /** Revokes the session's token; returns what went wrong, if it did, for a warning. A second call does nothing. */
    public Optional<String> revoke() {
        if (closed) {
            return Optional.empty();
        }
        closed = true;
        // A canceled job's token must go as well.
        boolean interrupted = Thread.interrupted();
        try (client) {
            Reply<Boolean> reply = client.ask(() -> {
                client.auth(token.reveal()).revokeSelf();
                return true;
            });
            return switch (reply) {
                case Reply.Answered<Boolean> _ -> Optional.empty();
                case Reply.Refused<Boolean> refused ->
                    Optional.of(
                            "Vault answered %d to revoke-self; its policy must allow that".formatted(refused.status()));
                case Reply.Unavailable<Boolean> unavailable -> Optional.of(unavailable.saw());
            };
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** As {@link #revoke}, for callers that warned already. */
    @Override
    public void close() {
        var _ = revoke();
    }

    private KvAnswer found(String mount, String path, LogicalResponse answer) {
        Map<String, String> metadata = answer.getDataMetadata().getMetadataMap();
        String version = metadata.get("version");
        String created = metadata.get("created_time");
        if (answer.getDataObject() == null || version == null || created == null) {
            throw new ExecutorException(new Failure(
                    FailureCode.VAULT_REFUSED,
                    TRIED,
                    on(mount, path),
                    "200, but no secret of a KV engine of version 2",
                    "Name a KV v2 engine as `vault.mount` in policy.yaml."));
        }
        return new KvAnswer.Found(
                answer.getData().entrySet().stream()
                        .collect(toMap(Map.Entry::getKey, entry -> SecretValue.of(entry.getValue()))),
                new SecretVersion(path, Long.parseLong(version), Instant.parse(created)));
    }

    private KvAnswer absent(String mount, String path, String body, LogicalResponse answer) {
        if (body.contains("no handler for route")) {
            throw new ExecutorException(new Failure(
                    FailureCode.VAULT_REFUSED,
                    TRIED,
                    on(mount, path),
                    "404: no secrets engine is mounted at \"%s\"".formatted(mount),
                    "Correct `vault.mount` in policy.yaml, or mount a KV v2 engine there."));
        }
        Map<String, String> metadata = answer.getDataMetadata().getMetadataMap();
        if ("true".equals(metadata.get("destroyed"))) {
            return new KvAnswer.Missing("was destroyed (version %s)".formatted(metadata.get("version")));
        }
        if (metadata.containsKey("version")) {
            return new KvAnswer.Missing(
                    "was deleted at %s (version %s)".formatted(metadata.get("deletion_time"), metadata.get("version")));
        }
        return new KvAnswer.Missing("does not exist");
    }

    private ExecutorException refused(String mount, String path, int status) {
        String saw = status == 403 ? "403: permission denied" : "%d: the request was refused".formatted(status);
        return new ExecutorException(new Failure(
                FailureCode.VAULT_REFUSED,
                TRIED,
                on(mount, path),
                saw,
                "Give the role's Vault policy `read` on %s/data/%s, and check that the mount is there."
                        .formatted(mount, path)));
    }

    private String on(String mount, String path) {
        return "%s/%s on %s".formatted(mount, path, client.settings().address());
    }
}
