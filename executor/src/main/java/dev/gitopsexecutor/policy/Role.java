package dev.gitopsexecutor.policy;

/** A user's role in the project, in GitLab's words for {@code user_access_level}. */
public enum Role {
    GUEST,
    PLANNER,
    REPORTER,
    DEVELOPER,
    MAINTAINER,
    OWNER
}
