package dev.gitopsexecutor.testbed;

/**
 * Two environments under one policy that has all that is asked for by default: production takes what staging has proven,
 * is started by hand, and GitLab confirms every job.
 */
public record Promotion(DeployEnvironment staging, DeployEnvironment production) {}
