package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.policy.Allowed;
import java.util.Collection;

/**
 * What to deploy, and where; the Compose file's text and the secrets come later.
 *
 * @param allowed the policy's yes to this environment; the repositories of its images were decided on by the caller
 * @param gate what else they must pass
 */
public record DeployInput(Allowed allowed, DeploySpec spec, Gate gate) {

    /** A last word on the release's images, once their digests are known and before anything is changed. */
    public interface Gate {
        /** Throws when they may not come here. */
        void require(Collection<ImageRef> images);
    }
}
