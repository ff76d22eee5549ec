package dev.gitopsexecutor.policy;

/** What an environment's rule says of a secret's age; the worst last. */
public enum SecretAge {
    FRESH,
    NOTICE,
    WARN,
    OVERDUE,

    /** Refused, unless the glass is broken. */
    BLOCKED
}
