package dev.gitopsexecutor.checks;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What one check of a running release says. */
public sealed interface CheckResult {
    /**
     * What was checked: {@code health}, {@code version}, the same after {@code public}, {@code containers},
     * {@code digest}, {@code job} or {@code smoke NAME}.
     */
    String check();

    /**
     * It is as wanted.
     *
     * @param from where the check looked: {@code web-1}, {@code this machine}
     * @param saw in a few words
     */
    record Passed(String check, String from, String saw, int attempts, Duration took) implements CheckResult {}

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
     * @param from where the check looked, and what it asked there: {@code web-1, GET http://127.0.0.1:8080/health}
     * @param wanted what would have passed
     * @param lastSeen what was there at the end, and what to do where that can be told
     * @param seen what was there all the while; empty where nobody noted it
     */
    record Failed(
            String check, String from, String wanted, String lastSeen, int attempts, Duration took, List<Sighting> seen)
            implements CheckResult {
        private static final int SIGHTINGS_ON_A_LINE = 2;
        private static final Duration COARSE = Duration.ofSeconds(10);

        public Failed {
            seen = List.copyOf(seen);
        }

        /** Of a check that notes only the last thing it sees. */
        public Failed(String check, String from, String wanted, String lastSeen, int attempts, Duration took) {
            this(check, from, wanted, lastSeen, attempts, took, List.of());
        }

        /** The failure in lines of one fact each; the first says it all in short: {@code health: status 503}. */
        public String describe() {
            String facts = """
                    %s: %s
                    wanted: %s
                    asked:  %s, %s""".formatted(check, lastSeen, wanted, from, times());
            String between = seen.size() <= SIGHTINGS_ON_A_LINE ? "; " : "\n        ";
            return seen.isEmpty()
                    ? facts
                    : facts + "\nseen:   "
                            + seen.stream().map(Sighting::describe).collect(Collectors.joining(between));
        }

        private String times() {
            if (attempts <= 1) {
                return attempts == 1 ? "once" : "not at all";
            }
            return took.compareTo(COARSE) < 0
                    ? String.format(Locale.ROOT, "%d times in %.1f s", attempts, took.toMillis() / 1000.0)
                    : "%d times in %d s".formatted(attempts, took.toSeconds());
        }
    }
}
