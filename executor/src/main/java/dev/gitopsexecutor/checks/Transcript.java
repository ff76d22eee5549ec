package dev.gitopsexecutor.checks;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** What a check sees, attempt after attempt; equal things in a row are one, and what is too much is left out. */
final class Transcript {
    private static final int MOST = 12;
    /** Where things are left out: how it began and how it ended tell more than what was between. */
    private static final int BEGINNING = 5;

    private final InstantSource clock;
    private final Instant start;
    private final List<Sighting> seen = new ArrayList<>();
    private int attempts;

    Transcript(InstantSource clock) {
        this.clock = clock;
        this.start = clock.instant();
    }

    void add(String what) {
        attempts++;
        Duration now = took();
        Sighting sighting = new Sighting(what, now, now, 1);
        if (!seen.isEmpty() && seen.getLast().what().equals(what)) {
            sighting = joined(what, seen.removeLast(), sighting);
        }
        seen.add(sighting);
        if (seen.size() > MOST) {
            Sighting between = joined("this and that", seen.get(BEGINNING), seen.remove(BEGINNING + 1));
            seen.set(BEGINNING, between);
        }
    }

    private static Sighting joined(String what, Sighting earlier, Sighting later) {
        return new Sighting(what, earlier.first(), later.last(), earlier.times() + later.times());
    }

    int attempts() {
        return attempts;
    }

    Duration took() {
        return Duration.between(start, clock.instant());
    }

    List<Sighting> seen() {
        return List.copyOf(seen);
    }
}
