package dev.gitopsexecutor.report;

import dev.gitopsexecutor.checks.CheckResult.Failed;
import dev.gitopsexecutor.checks.CheckResult.Passed;
import dev.gitopsexecutor.checks.CheckResult.Warned;
import dev.gitopsexecutor.deploy.CheckJournal;
import java.util.Optional;

/**
 * One check as a row of a table.
 *
 * @param wanted empty when it passed
 */
record CheckRow(String check, Result result, String saw, Optional<String> wanted, int attempts) {

    /** How it came out; the word is also what the page's style is chosen by. */
    enum Result {
        PASSED("passed"),
        WARNED("warned"),
        FAILED("failed");

        private final String word;

        Result(String word) {
            this.word = word;
        }

        String word() {
            return word;
        }
    }

    static CheckRow of(CheckJournal.Entry entry) {
        return switch (entry.result()) {
            case Passed passed ->
                new CheckRow(passed.check(), Result.PASSED, passed.saw(), Optional.empty(), passed.attempts());
            case Warned warned -> of(warned.failed(), Result.WARNED);
            case Failed failed -> of(failed, Result.FAILED);
        };
    }

    private static CheckRow of(Failed failed, Result result) {
        return new CheckRow(failed.check(), result, failed.lastSeen(), Optional.of(failed.wanted()), failed.attempts());
    }
}
