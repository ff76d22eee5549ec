package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.policy.Allowed;

/**
 * What to deploy, and where; the Compose file's text and the secrets come later.
 *
 * @param allowed the policy's yes to this environment; its images were decided on by the caller
 */
public record DeployInput(Allowed allowed, DeploySpec spec) {}
