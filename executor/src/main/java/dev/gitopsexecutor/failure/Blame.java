package dev.gitopsexecutor.failure;

/** Who has to act on a failure: it alone decides the exit code that the runner sees. */
public enum Blame {
    /** The job's author: the runner's build failure (exit 1), final and not retried. */
    JOB,
    /** The platform or this program: the runner's system failure (exit 2). */
    SYSTEM
}
