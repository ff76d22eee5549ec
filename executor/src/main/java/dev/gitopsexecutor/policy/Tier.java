package dev.gitopsexecutor.policy;

/** What an environment is for, in GitLab's words for {@code deployment_tier}. */
public enum Tier {
    DEVELOPMENT,
    TESTING,
    STAGING,
    PRODUCTION
}
