package dev.gitopsexecutor.checks;

import java.time.Duration;

/** What one check of a running release says. */
public sealed interface CheckResult {
    /** What was checked: {@code health}, {@code version}, {@code containers}, {@code digest} or {@code smoke NAME}. */
    String check();

    /**
     * It is as wanted.
     *
     * @param saw in a few words
     */
    record Passed(String check, String saw, int attempts, Duration took) implements CheckResult {}

    /** It is not as wanted, and the release may go on all the same: whoever reads the log decides. */
    record Warned(Failed failed) implements CheckResult {
        @Override
        public String check() {
            return failed.check();
        }
    }

    /**
     * It is not as wanted, and waiting longer is no use or no longer allowed.
     *
     * @param from where the check looked
     * @param wanted what would have passed
     * @param lastSeen what was there at the end
     */
    record Failed(String check, String from, String wanted, String lastSeen, int attempts, Duration took)
            implements CheckResult {

        /** The failure in lines of one fact each; the first says it all in short: {@code health: status 503}. */
        public String describe() {
            String times = attempts == 1 ? "once" : "%d times in %d s".formatted(attempts, took.toSeconds());
            return """
                    %s: %s
                    wanted: %s
                    asked:  from %s, %s""".formatted(check, lastSeen, wanted, from, times);
        }
    }
}
