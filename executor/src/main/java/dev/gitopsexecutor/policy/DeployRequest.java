package dev.gitopsexecutor.policy;

import dev.gitopsexecutor.identity.VerifiedIdentity;
import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.model.ImageRef;

/**
 * The question put to the policy.
 *
 * @param jobImage in which the job's own script is to run
 */
public record DeployRequest(VerifiedIdentity identity, EnvironmentName environment, ImageRef jobImage) {}
