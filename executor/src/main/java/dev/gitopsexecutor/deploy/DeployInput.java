package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.policy.Allowed;

/**
 * What to deploy, and where; the secrets come later.
 *
 * @param allowed the policy's yes to this environment; its images were decided on by the caller
 * @param compose the text of the Compose file at the job's commit
 */
public record DeployInput(Allowed allowed, DeploySpec spec, String compose) {

    /** Never the values: the record's own text would hold the Compose file. */
    @Override
    public String toString() {
        return "deploy of %s to %s"
                .formatted(spec.project(), allowed.environment().name());
    }
}
