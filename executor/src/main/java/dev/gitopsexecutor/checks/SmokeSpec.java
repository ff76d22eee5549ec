package dev.gitopsexecutor.checks;

import java.time.Duration;

/**
 * One smoke check of a release, as {@code .gitops/deploy.yaml} has it.
 *
 * @param name unique among the checks of a release
 * @param blocking whether the deploy fails when it does; else it is told
 * @param retries after the first attempt
 * @param timeout of each attempt
 */
public record SmokeSpec(String name, SmokeProbe probe, boolean blocking, int retries, Duration timeout) {}
