package dev.gitopsexecutor.report;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Times as people read them. */
final class Times {
    private Times() {}

    /** {@code 0.31 s}, {@code 12.4 s}, {@code 3 min 5 s}, {@code 1 h 2 min}. */
    static String of(Duration took) {
        long millis = Math.max(0, took.toMillis());
        if (millis < 9_995) {
            return fraction(Math.round(millis / 10.0), 2) + " s";
        }
        if (millis < 59_950) {
            return fraction(Math.round(millis / 100.0), 1) + " s";
        }
        long seconds = Math.round(millis / 1000.0);
        if (seconds < 3600) {
            return two(seconds / 60, " min", seconds % 60, " s");
        }
        return two(seconds / 3600, " h", seconds % 3600 / 60, " min");
    }

    /** {@code 2026-01-31 12:00:05 UTC}. */
    static String of(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString().replace('T', ' ').replace("Z", " UTC");
    }

    private static String two(long big, String unit, long small, String smallUnit) {
        return small == 0 ? big + unit : big + unit + " " + small + smallUnit;
    }

    private static String fraction(long value, int digits) {
        String text = "0".repeat(digits) + value;
        String whole = text.substring(0, text.length() - digits).replaceFirst("^0+(?=.)", "");
        return whole + "." + text.substring(text.length() - digits);
    }
}
