package dev.gitopsexecutor.policy;

import dev.gitopsexecutor.model.Digest;
import dev.gitopsexecutor.model.EnvKey;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * One deployment of a project to the environment that its releases are promoted from.
 *
 * @param finished when it ended
 * @param verified whether its checks passed; otherwise the release before it was put back, or nobody knows
 * @param images digests of what it brought up
 * @param keys names of the variables in its env file; empty when they were not recorded
 * @param stayed whether it may have stayed on hosts although it was not verified
 */
public record Evidence(
        Instant finished, boolean verified, Set<Digest> images, Optional<Set<EnvKey>> keys, boolean stayed) {
    public Evidence {
        images = Set.copyOf(images);
        keys = keys.map(Set::copyOf);
    }

    /** Whether what was there before was there no more, at least on some host. */
    boolean replaces() {
        return verified || stayed;
    }

    boolean has(Set<Digest> digests) {
        return images.containsAll(digests);
    }
}
