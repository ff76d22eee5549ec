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

    Finding finding(UnverifiedToken token) {
        return test.compare(token).of(name, next);
    }
}
