package dev.gitopsexecutor.identity;

/**
 * What GitLab is asked of a job beyond whether it runs.
 *
 * @param deployment whether it deploys to the environment that it claims, with all approvals
 * @param protectedRef whether its ref is protected now
 * @param protectedEnvironment whether its environment is protected now
 * @param startedByHand whether somebody pressed the job's own button
 */
public record Questions(
        boolean deployment, boolean protectedRef, boolean protectedEnvironment, boolean startedByHand) {}
