package dev.gitopsexecutor.secrets;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.model.EnvKey;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** Reads what a deploy names, within the paths that the policy allows: everything or, with all reasons, nothing. */
public final class SecretReader {
    private static final String TRIED = "read the secrets of the release";

    private final VaultSession session;
    private final String mount;
    private final List<String> allowedPaths;
    private final Masker masker;

    /**
     * @param mount of the KV v2 engine
     * @param allowedPaths each allows itself and what is below it
     */
    public SecretReader(VaultSession session, String mount, List<String> allowedPaths, Masker masker) {
        this.session = session;
        this.mount = mount;
        this.allowedPaths = List.copyOf(allowedPaths);
        this.masker = masker;
        session.hideIn(masker);
    }

    /** Reads every path once; the masker knows the values before this returns. Blocks. */
    public SortedMap<EnvKey, SecretValue> read(SortedMap<EnvKey, SecretRef> refs) {
        refuseOthersPaths(refs);
        SortedMap<EnvKey, SecretValue> values = new TreeMap<>();
        List<String> missing = new ArrayList<>();
        refs.forEach((key, ref) -> {
            switch (session.lookUp(mount, ref.path())) {
                case KvAnswer.Found found -> {
                    SecretValue value = found.values().get(ref.key());
                    if (value == null) {
                        missing.add("%s: %s has no key \"%s\"; it has %s"
                                .formatted(key, ref.path(), ref.key(), keys(found)));
                    } else {
                        values.put(key, value);
                    }
                }
                case KvAnswer.Missing absent -> missing.add("%s: %s %s".formatted(key, ref.path(), absent.reason()));
            }
        });
        if (!missing.isEmpty()) {
            throw failure(
                    FailureCode.SECRET_MISSING,
                    String.join("\n", missing),
                    "Write the secrets in Vault, or correct `secrets` in .gitops/deploy.yaml.");
        }
        refuseShort(refs, values);
        values.values().forEach(masker::add);
        return values;
    }

    /** The keys {@code username} and {@code password} at a path that the policy itself names. Blocks. */
    public Credential readCredential(String path) {
        return switch (session.lookUp(mount, path)) {
            case KvAnswer.Missing missing ->
                throw unusableCredential(
                        path,
                        path + " " + missing.reason(),
                        "Write the keys `username` and `password` there, or correct `registry.credentials` in"
                                + " policy.yaml.");
            case KvAnswer.Found found -> credential(path, found);
        };
    }

    private Credential credential(String path, KvAnswer.Found found) {
        SecretValue username = found.values().get("username");
        SecretValue password = found.values().get("password");
        if (username == null || password == null) {
            throw unusableCredential(
                    path,
                    "it has no key \"%s\"; it has %s"
                            .formatted(username == null ? "username" : "password", keys(found)),
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
                "%s/%s in Vault".formatted(mount, path),
                saw,
                next));
    }

    private void refuseOthersPaths(SortedMap<EnvKey, SecretRef> refs) {
        List<String> refused = new ArrayList<>();
        refs.forEach((key, ref) -> {
            if (allowedPaths.stream().noneMatch(allowed -> isWithin(ref.path(), allowed))) {
                refused.add("%s: %s is not below %s".formatted(key, ref.path(), String.join(" or ", allowedPaths)));
            }
        });
        if (!refused.isEmpty()) {
            throw failure(
                    FailureCode.SECRET_REFUSED,
                    String.join("\n", refused),
                    "Use the environment's own paths, or ask the owner of policy.yaml for another `vault.paths`.");
        }
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
                    "Store a longer value, or write it under `values` when it is not secret.");
        }
    }

    private ExecutorException failure(FailureCode code, String saw, String next) {
        return new ExecutorException(new Failure(code, TRIED, "KV mount " + mount, saw, next));
    }

    private static boolean isWithin(String path, String allowed) {
        return path.equals(allowed) || path.startsWith(allowed + "/");
    }

    private static String keys(KvAnswer.Found found) {
        return found.values().isEmpty()
                ? "none"
                : String.join(", ", new TreeSet<>(found.values().keySet()));
    }
}
