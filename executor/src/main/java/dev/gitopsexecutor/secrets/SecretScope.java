package dev.gitopsexecutor.secrets;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.model.EnvKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * What the policy lets one environment read.
 *
 * @param paths each allows itself and what is below it; {@code path#key} allows that key alone
 * @param dynamicPaths whole paths whose secrets are made at each read; each allows itself alone
 * @param shortSecrets whether values are taken that are too short to be masked
 */
public record SecretScope(KvEngine engine, List<String> paths, List<String> dynamicPaths, boolean shortSecrets) {
    public SecretScope {
        paths = List.copyOf(paths);
        dynamicPaths = List.copyOf(dynamicPaths);
    }

    /** Throws {@code SECRET_REFUSED} with everything that the policy does not let this environment read. */
    public void require(SortedMap<EnvKey, SecretRef> refs) {
        List<String> refused = new ArrayList<>();
        refs.forEach((key, ref) ->
                refusal(ref).ifPresent(reason -> refused.add("%s: %s %s".formatted(key, ref.path(), reason))));
        if (!refused.isEmpty()) {
            throw new ExecutorException(new Failure(
                    FailureCode.SECRET_REFUSED,
                    SecretReader.TRIED,
                    "KV mount " + engine.mount(),
                    String.join("\n", refused),
                    "Use the environment's own paths, or ask the owner of policy.yaml for another `vault.paths`, or"
                            + " `vault.dynamic` for secrets with leases."));
        }
    }

    private Optional<String> refusal(SecretRef ref) {
        return switch (ref.kind()) {
            case KV -> kvRefusal(ref);
            case DYNAMIC ->
                dynamicPaths.contains(ref.path())
                        ? Optional.empty()
                        : Optional.of(
                                dynamicPaths.isEmpty()
                                        ? "is made at each read, and the policy keeps no leases"
                                        : "is not one of " + String.join(", ", dynamicPaths));
        };
    }

    /** Whether more than single keys of it may be read, so that its other keys may be named. */
    boolean isOpen(SecretRef ref) {
        return ref.kind() == SecretRef.Kind.DYNAMIC
                || paths.stream().anyMatch(allowed -> !allowed.contains("#") && allows(allowed, ref));
    }

    private Optional<String> kvRefusal(SecretRef ref) {
        if (paths.stream().noneMatch(allowed -> allows(allowed, ref))) {
            return Optional.of("is not below " + String.join(" or ", paths));
        }
        if (ref.version().isPresent() && engine.version() == 1) {
            return Optional.of("names a version, and %s is a KV engine of version 1".formatted(engine.mount()));
        }
        return Optional.empty();
    }

    private static boolean allows(String allowed, SecretRef ref) {
        return allowed.contains("#")
                ? allowed.equals(ref.path() + "#" + ref.key())
                : ref.path().equals(allowed) || ref.path().startsWith(allowed + "/");
    }
}
