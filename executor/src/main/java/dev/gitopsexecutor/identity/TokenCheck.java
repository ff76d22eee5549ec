package dev.gitopsexecutor.identity;

import java.util.Optional;

/**
 * One condition that a token must meet.
 *
 * @param name for messages and searching
 * @param next what the job's author can do when it is not met
 */
record TokenCheck(String name, Test test, String next) {

    /** Empty when the condition holds. */
    interface Test {
        Optional<Mismatch> mismatch(UnverifiedToken token);
    }

    /** What stands in the token, in words that may be printed, and what should. */
    record Mismatch(String saw, String wanted) {}
}
