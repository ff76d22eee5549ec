package dev.gitopsexecutor.sandbox;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.io.Deadline;
import dev.gitopsexecutor.model.JobId;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Finds and removes everything on the engine that carries a job's labels. */
final class Leftovers {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Duration PAUSE = Duration.ofMillis(20);

    private final EngineSocket socket;
    private final EngineCalls engine;
    private final InstantSource clock;

    Leftovers(EngineSocket socket, InstantSource clock) {
        this.socket = socket;
        this.engine = new EngineCalls(socket, LIMIT);
        this.clock = clock;
    }

    /** Forces, whatever still runs. Blocks until nothing is left; does nothing when nothing was there. */
    void remove(SandboxNames names) {
        Deadline deadline = Deadline.after(clock, LIMIT);
        Kind.all(names.filter()).forEach(kind -> remove(kind, deadline));
    }

    /** Of every job of this executor that has something on the engine: until when it may. */
    SortedMap<JobId, Instant> deadlines(String instance) {
        SortedMap<JobId, Instant> found = new TreeMap<>(Comparator.comparingLong(JobId::value));
        for (Kind kind : Kind.all(SandboxNames.filter(instance))) {
            for (Map<String, String> labels : labels(kind).values()) {
                SandboxNames.owner(labels)
                        .ifPresent(owner -> found.merge(owner.job(), owner.deadline(), Leftovers::later));
            }
        }
        return found;
    }

    /** The volumes of projects' caches, and until when each is kept. */
    SortedMap<String, Instant> caches(String instance) {
        SortedMap<String, Instant> found = new TreeMap<>();
        labels(Kind.volumes(SandboxNames.filter(instance)))
                .forEach((name, labels) -> SandboxNames.cacheUntil(labels).ifPresent(until -> found.put(name, until)));
        return found;
    }

    /** Returns false when a job uses it. */
    boolean removeCache(String volume) {
        return engine.delete(
                "remove the cache " + volume, Kind.volumes(List.of()).removal(volume));
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    private Map<String, Map<String, String>> labels(Kind kind) {
        String tried = "list the " + kind.name() + " of all jobs";
        try {
            return EngineJson.labels(engine.get(tried, kind.list()), kind.key());
        } catch (IOException damaged) {
            throw EngineFailures.unreachable(tried, socket.path(), damaged);
        }
    }

    /**
     * What the engine has lists of.
     *
     * @param list the request for those of the job
     * @param key under which the list names each
     * @param how the query of a removal
     */
    private record Kind(String name, String list, String key, String how) {

        /** In the order in which they can be removed. */
        static List<Kind> all(List<String> labels) {
            String ours = EngineCalls.filters(Map.of("label", labels));
            return List.of(
                    new Kind("containers", "/containers/json?all=true&" + ours, "Id", "?force=true&v=true"),
                    new Kind("networks", "/networks?" + ours, "Id", ""),
                    volumes(labels));
        }

        static Kind volumes(List<String> labels) {
            return new Kind("volumes", "/volumes?" + EngineCalls.filters(Map.of("label", labels)), "Name", "");
        }

        String tried() {
            return "remove the job's " + name;
        }

        String removal(String id) {
            return "/%s/%s%s".formatted(name, id, how);
        }
    }

    /** Asks again until the list is empty: what the engine is about to remove by itself is in use for a moment. */
    private void remove(Kind kind, Deadline deadline) {
        List<String> left = list(kind);
        while (!left.isEmpty()) {
            left.parallelStream().forEach(id -> engine.delete(kind.tried(), kind.removal(id)));
            left = list(kind);
            if (!left.isEmpty()) {
                pause(kind, deadline, left);
            }
        }
    }

    private List<String> list(Kind kind) {
        try {
            return EngineJson.inList(engine.get(kind.tried(), kind.list()), kind.key());
        } catch (IOException damaged) {
            throw EngineFailures.unreachable(kind.tried(), socket.path(), damaged);
        }
    }

    private void pause(Kind kind, Deadline deadline, List<String> left) {
        if (deadline.hasPassed()) {
            throw refused(kind, "still there after %d s: %s".formatted(LIMIT.toSeconds(), left));
        }
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw refused(kind, new InterruptedIOException().toString());
        }
    }

    private ExecutorException refused(Kind kind, String saw) {
        return EngineFailures.refused(kind.tried(), socket.path(), saw, null);
    }
}
