package dev.gitopsexecutor.secrets;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.model.EnvKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** Reads what a deploy names, within what the policy allows: everything or, with all reasons, nothing. */
public final class SecretReader {
    static final String TRIED = "read the secrets of the release";

    private final VaultSession session;
    private final Optional<VaultSession> lasting;
    private final SecretScope scope;
    private final Masker masker;

    /** @param lasting makes the dynamic secrets; needed only where {@link #read} is given some */
    public SecretReader(VaultSession session, Optional<VaultSession> lasting, SecretScope scope, Masker masker) {
        this.session = session;
        this.lasting = lasting;
        this.scope = scope;
        this.masker = masker;
    }

    /** Reads every path once; the masker knows the values before this returns. Blocks. */
    public SortedMap<EnvKey, SecretValue> read(SortedMap<EnvKey, SecretRef> refs) {
        scope.require(refs);
        SortedMap<EnvKey, SecretValue> values = new TreeMap<>();
        List<String> missing = new ArrayList<>();
        // What is made has a price: nothing is, when something else is missing anyway.
        for (SecretRef.Kind kind : List.of(SecretRef.Kind.KV, SecretRef.Kind.DYNAMIC)) {
            refs.forEach((key, ref) -> {
                if (ref.kind() == kind) {
                    switch (find(ref, scope.isOpen(ref))) {
                        case Place.Holds(SecretValue value) -> values.put(key, value);
                        case Place.Lacks(String saw) -> missing.add("%s: %s %s".formatted(key, shown(ref), saw));
                    }
                }
            });
            if (!missing.isEmpty()) {
                throw failure(
                        FailureCode.SECRET_MISSING,
                        String.join("\n", missing),
                        "Write the secrets in Vault, or correct `secrets` in .gitops/deploy.yaml.");
            }
        }
        if (!scope.shortSecrets()) {
            refuseShort(refs, values);
        }
        values.values().forEach(masker::add);
        return values;
    }

    /** Whether there is a value. */
    private sealed interface Place {
        record Holds(SecretValue value) implements Place {}

        /** {@code saw} continues the sentence that begins with the path. */
        record Lacks(String saw) implements Place {}
    }

    /** @param isOpen whether the other keys of the secret may be named */
    private Place find(SecretRef ref, boolean isOpen) {
        KvAnswer answer = switch (ref.kind()) {
            case KV -> session.lookUp(scope.engine(), ref.path(), ref.version());
            case DYNAMIC ->
                new KvAnswer.Found(lasting.orElseThrow().make(ref.path()).values(), Optional.empty());
        };
        return switch (answer) {
            case KvAnswer.Missing(String reason) -> new Place.Lacks(reason);
            case KvAnswer.Found found -> {
                SecretValue value = found.values().get(ref.key());
                String others = isOpen ? "; it has " + keys(found.values()) : "";
                yield value == null
                        ? new Place.Lacks("has no key \"%s\"%s".formatted(ref.key(), others))
                        : new Place.Holds(value);
            }
        };
    }

    private static String shown(SecretRef ref) {
        String text = ref.toString();
        return text.substring(0, text.indexOf('#'));
    }

    /** The keys {@code username} and {@code password} at a path that the policy itself names. Blocks. */
    public Credential readCredential(String path) {
        return switch (session.lookUp(scope.engine(), path, OptionalLong.empty())) {
            case KvAnswer.Missing missing ->
                throw unusableCredential(
                        path,
                        path + " " + missing.reason(),
                        "Write the keys `username` and `password` there, or correct `registry.credentials` in"
                                + " policy.yaml.");
            case KvAnswer.Found found -> credential(path, found);
        };
    }

    /** The private key of hosts, which the policy itself names; throws {@code SSH_KEY_UNUSABLE}. Blocks. */
    public SecretValue readSshKey(SecretRef ref) {
        return switch (find(ref, true)) {
            case Place.Holds(SecretValue key) -> {
                masker.add(key);
                yield key;
            }
            case Place.Lacks(String saw) ->
                throw new ExecutorException(new Failure(
                        FailureCode.SSH_KEY_UNUSABLE,
                        "read the SSH key of the hosts",
                        "%s/%s in Vault".formatted(scope.engine().mount(), ref),
                        "%s %s".formatted(shown(ref), saw),
                        "Write an OpenSSH private key without a passphrase there, or correct `ssh_key_secret` in"
                                + " policy.yaml."));
        };
    }

    /** A secret of the executor's own, which executor.yaml itself names; throws {@code SECRET_MISSING}. Blocks. */
    public SecretValue readOwn(SecretRef ref) {
        return switch (find(ref, true)) {
            case Place.Holds(SecretValue value) -> {
                masker.add(value);
                yield value;
            }
            case Place.Lacks(String saw) ->
                throw new ExecutorException(new Failure(
                        FailureCode.SECRET_MISSING,
                        "read a secret of the executor's own",
                        "%s/%s in Vault".formatted(scope.engine().mount(), ref),
                        "%s %s".formatted(shown(ref), saw),
                        "Write it there, or correct its place in executor.yaml."));
        };
    }

    private Credential credential(String path, KvAnswer.Found found) {
        SecretValue username = found.values().get("username");
        SecretValue password = found.values().get("password");
        if (username == null || password == null) {
            throw unusableCredential(
                    path,
                    "it has no key \"%s\"; it has %s"
                            .formatted(username == null ? "username" : "password", keys(found.values())),
                    "Write the keys `username` and `password` there.");
        }
        if (password.reveal().length() < Masker.SHORTEST) {
            throw unusableCredential(
                    path,
                    "the password has fewer than %d characters, too few to be masked in logs"
                            .formatted(Masker.SHORTEST),
                    "Set a longer password.");
        }
        masker.add(password);
        return new Credential(username.reveal(), password);
    }

    /** The policy names it, so the job's author can do nothing about it. */
    private ExecutorException unusableCredential(String path, String saw, String next) {
        return new ExecutorException(new Failure(
                FailureCode.REGISTRY_CREDENTIAL_UNUSABLE,
                "read the registry's credential",
                "%s/%s in Vault".formatted(scope.engine().mount(), path),
                saw,
                next));
    }

    private void refuseShort(SortedMap<EnvKey, SecretRef> refs, SortedMap<EnvKey, SecretValue> values) {
        List<String> refused = new ArrayList<>();
        values.forEach((key, value) -> {
            if (value.reveal().length() < Masker.SHORTEST) {
                refused.add("%s: the value at %s has fewer than %d characters, too few to be masked in logs"
                        .formatted(key, refs.get(key), Masker.SHORTEST));
            }
        });
        if (!refused.isEmpty()) {
            throw failure(
                    FailureCode.SECRET_REFUSED,
                    String.join("\n", refused),
                    "Store a longer value, or write it under `values` when it is not secret. The owner of policy.yaml may"
                            + " take short ones with `vault.short_secrets: true`.");
        }
    }

    private ExecutorException failure(FailureCode code, String saw, String next) {
        return new ExecutorException(
                new Failure(code, TRIED, "KV mount " + scope.engine().mount(), saw, next));
    }

    private static String keys(Map<String, SecretValue> secret) {
        return secret.isEmpty() ? "none" : String.join(", ", new TreeSet<>(secret.keySet()));
    }
}
