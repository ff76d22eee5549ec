package dev.gitopsexecutor.ledger;

import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.model.ProjectId;
import java.time.Instant;
import java.util.Optional;

/**
 * What an environment has of Vault since its last verified deployment.
 *
 * @param variable in the env file
 * @param secret as it was read for that deployment
 * @param first the oldest version in which this machine has seen the same value; empty where there are no versions
 * @param deployed when it was verified
 */
public record DeployedSecret(
        EnvironmentName environment,
        ProjectId project,
        EnvKey variable,
        SecretSighting secret,
        Optional<SecretSighting.Version> first,
        Instant deployed) {}
