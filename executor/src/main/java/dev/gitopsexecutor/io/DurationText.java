package dev.gitopsexecutor.io;

import java.time.Duration;
import java.util.Locale;

/** Durations as every line of a log shows them. */
public final class DurationText {
    private static final Duration IN_SECONDS = Duration.ofMinutes(2);

    private DurationText() {}

    /** Rounded: {@code 12 s}, {@code 3 min 20 s}, {@code 15 min}, {@code 2 h 5 min}; never negative. */
    public static String coarse(Duration time) {
        long seconds = Math.max(0, time.plusMillis(500).toSeconds());
        if (seconds < IN_SECONDS.toSeconds()) {
            return seconds + " s";
        }
        return seconds < 3600 ? joined(seconds, 60, "min", "s") : joined(seconds / 60, 60, "h", "min");
    }

    /** With a decimal while it is short: {@code 0.3 s}, {@code 12.4 s}; else as {@link #coarse}. */
    public static String fine(Duration time) {
        return time.compareTo(IN_SECONDS) < 0
                ? String.format(Locale.ROOT, "%.1f s", Math.max(0, time.toMillis()) / 1000.0)
                : coarse(time);
    }

    private static String joined(long count, long base, String large, String small) {
        String whole = "%d %s".formatted(count / base, large);
        return count % base == 0 ? whole : "%s %d %s".formatted(whole, count % base, small);
    }
}
