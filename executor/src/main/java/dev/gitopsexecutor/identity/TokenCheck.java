package dev.gitopsexecutor.identity;

/**
 * One condition that a token must meet.
 *
 * @param name for messages and searching
 * @param next what the job's author can do when it is not met
 */
record TokenCheck(String name, Test test, String next) {

    interface Test {
        Comparison compare(UnverifiedToken token);
    }

    /** What stands in the token, in words that may be printed, and what should. */
    record Comparison(boolean holds, String saw, String wanted) {}

    Finding finding(UnverifiedToken token) {
        Comparison comparison = test.compare(token);
        return new Finding(name, comparison.holds(), comparison.saw(), comparison.wanted(), next);
    }
}
