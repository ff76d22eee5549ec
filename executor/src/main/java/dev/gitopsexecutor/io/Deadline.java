package dev.gitopsexecutor.io;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** The moment by which something must have happened, passed down so that nested waits share one budget. */
public record Deadline(InstantSource clock, Instant end) {

    public static Deadline after(InstantSource clock, Duration budget) {
        return new Deadline(clock, clock.instant().plus(budget));
    }

    /** Zero when it has passed, never negative. */
    public Duration remaining() {
        Duration left = Duration.between(clock.instant(), end);
        return left.isNegative() ? Duration.ZERO : left;
    }

    public boolean hasPassed() {
        return remaining().isZero();
    }

    /** The earlier of this deadline and {@code budget} from now. */
    public Deadline orAfter(Duration budget) {
        Instant other = clock.instant().plus(budget);
        return other.isBefore(end) ? new Deadline(clock, other) : this;
    }
}
