package dev.gitopsexecutor.checks;

import java.time.Duration;
import java.util.Locale;

/**
 * What a check saw one or several times in a row.
 *
 * @param what in a few words that may be printed
 * @param first when it was seen first, since the check's start
 * @param last likewise; the same when it was seen once
 */
public record Sighting(String what, Duration first, Duration last, int times) {
    /** {@code status 503 (4.6–60.0 s, 25 times)} */
    public String describe() {
        return times == 1
                ? String.format(Locale.ROOT, "%s (%.1f s)", what, seconds(first))
                : String.format(Locale.ROOT, "%s (%.1f–%.1f s, %d times)", what, seconds(first), seconds(last), times);
    }

    private static double seconds(Duration time) {
        return time.toMillis() / 1000.0;
    }
}
