package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.policy.Allowed;
import java.util.Collection;

/**
 * What to deploy, and where; the Compose file's text and the secrets come later.
 *
 * @param allowed the policy's yes to this environment; the repositories of its images were decided on by the caller
 * @param gate what else the release must pass
 */
public record DeployInput(Allowed allowed, DeploySpec spec, Gate gate) {

    /** The last word on a release, once the digests of its images are known. */
    public interface Gate {
        /** Throws when the images may not come here; before any host is locked. */
        void require(Collection<ImageRef> images);

        /** Throws when the release may not come here after all; all hosts are locked, and nothing is changed. */
        void enter(RunningVersion release);
    }
}
