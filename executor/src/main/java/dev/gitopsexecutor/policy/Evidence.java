package dev.gitopsexecutor.policy;

import dev.gitopsexecutor.model.Digest;
import java.time.Instant;
import java.util.Set;

/**
 * One deployment of a project to the environment that its releases are promoted from.
 *
 * @param finished when it ended
 * @param verified whether its checks passed; otherwise the release before it was put back, or nobody knows
 * @param images digests of what it brought up
 */
public record Evidence(Instant finished, boolean verified, Set<Digest> images) {
    public Evidence {
        images = Set.copyOf(images);
    }

    boolean has(Set<Digest> digests) {
        return images.containsAll(digests);
    }
}
