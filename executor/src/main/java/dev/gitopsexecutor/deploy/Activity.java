package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.io.DurationText;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What a host is busy with, since when, and until when at most: for the progress lines of whoever waits for it. Safe for one
 * thread that tells what it sees and others that read it.
 */
final class Activity {
    private final String what;
    private final Instant start;
    private final Optional<Duration> limit;
    private volatile Sight seen = new Sight("", 0);

    /**
     * @param what goes on: {@code waiting for health}
     * @param limit how long it may take; empty when that is nobody's business
     */
    Activity(String what, Instant start, Optional<Duration> limit) {
        this.what = what;
        this.start = start;
        this.limit = limit;
    }

    /** @param share of the work that is done, from 0 to 1; 0 where nobody can tell */
    private record Sight(String text, double share) {}

    /**
     * What there is to see of it now, in a few words: {@code status 503}. The text may be a host's own: it is masked, cleaned
     * and cut before it is printed.
     */
    void saw(String text) {
        saw(text, 0);
    }

    /** As the other, where {@code share} of the work is done, from 0 to 1: of many hosts the slowest are named first. */
    void saw(String text, double share) {
        seen = new Sight(text, share);
    }

    double share() {
        return seen.share();
    }

    /** {@code waiting for health: status 503}, without the time. */
    String text() {
        String sight = seen.text();
        return sight.isEmpty() ? what : what + ": " + sight;
    }

    /** {@code 12 s of 60 s}. */
    String time(Instant now) {
        String took = DurationText.coarse(Duration.between(start, now));
        return limit.map(most -> took + " of " + DurationText.coarse(most)).orElse(took);
    }
}
