package dev.gitopsexecutor.policy;

import java.util.Locale;

/** What an environment is for, in GitLab's words for {@code deployment_tier}. */
public enum Tier {
    DEVELOPMENT,
    TESTING,
    STAGING,
    PRODUCTION;

    /** As GitLab writes it. */
    public String lowerCase() {
        return name().toLowerCase(Locale.ROOT);
    }
}
