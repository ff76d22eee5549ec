package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.checks.CheckResult;
import dev.gitopsexecutor.checks.CheckResult.Failed;
import dev.gitopsexecutor.checks.CheckResult.Passed;
import dev.gitopsexecutor.checks.CheckResult.Warned;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** Every check of one deploy as it came out, on every host and from outside. Safe for several threads. */
public final class CheckJournal {
    /** The place of a check by the environment's public URL; no host, since those are names of the policy. */
    public static final String PUBLIC = "public URL";

    private final InstantSource clock;
    private final List<Entry> entries = new ArrayList<>();
    private final List<Explanation> explanations = new ArrayList<>();

    public CheckJournal(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * One result.
     *
     * @param place the host from which it was asked, or {@link #PUBLIC}
     * @param known when it was known
     */
    public record Entry(String place, Instant known, CheckResult result) {
        public Duration took() {
            return CheckJournal.took(result);
        }
    }

    /**
     * What explains a failed check: the state of a container and the end of its log, line by line.
     *
     * @param place as of the check
     */
    public record Explanation(String place, List<String> lines) {
        public Explanation {
            lines = List.copyOf(lines);
        }
    }

    /** Adds what explains a check that failed. */
    void explain(String place, List<String> lines) {
        synchronized (this) {
            explanations.add(new Explanation(place, lines));
        }
    }

    /** In the order in which they were added. */
    public List<Explanation> explanations() {
        synchronized (this) {
            return List.copyOf(explanations);
        }
    }

    /** Adds results that came one after the other, the last of them just now. */
    void add(String place, List<CheckResult> results) {
        Instant known = clock.instant();
        List<Entry> added = new ArrayList<>();
        for (int at = results.size() - 1; at >= 0; at--) {
            CheckResult result = results.get(at);
            added.addFirst(new Entry(place, known, result));
            // What one answer tells, such as health and version, took the same time and not twice that.
            if (at > 0 && !took(results.get(at - 1)).equals(took(result))) {
                known = known.minus(took(result));
            }
        }
        synchronized (this) {
            entries.addAll(added);
        }
    }

    /** In the order in which they were added. */
    public List<Entry> entries() {
        synchronized (this) {
            return List.copyOf(entries);
        }
    }

    private static Duration took(CheckResult result) {
        return switch (result) {
            case Passed passed -> passed.took();
            case Warned warned -> warned.failed().took();
            case Failed failed -> failed.took();
        };
    }
}
