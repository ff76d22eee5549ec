package dev.gitopsexecutor.testbed;

/** How a release of the application behaves. */
public enum AppVariant {
    /** Answers /health with its version. */
    HEALTHY,
    /** Runs, and answers /health with 404. */
    UNHEALTHY,
    /** Healthy, with another version than its tag in the answer. */
    WRONG_VERSION,
    /** Ends at once, with a message and exit code 3. */
    CRASHES,
    /** Healthy for some seconds; then it ends, with a message and exit code 7. */
    CRASHES_LATER,
    /** Prints its {@code DATABASE_PASSWORD} in many spellings and ends. */
    TELLS_SECRETS,
    /** Runs, and answers /health with its {@code DATABASE_PASSWORD} in place of a version. */
    ANSWERS_SECRETS,
    /** Healthy as long as its {@code DATABASE_PASSWORD} has a blank in it, as the testbed's have. */
    LIKES_BLANKS
}
