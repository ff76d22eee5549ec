package dev.gitopsexecutor.sandbox;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

/**
 * What the engine noted of a container since this object was made: it answers also when the container is gone, or so full
 * that nothing more can be started in it.
 */
final class ContainerEvents {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final EngineSocket socket;
    private final InstantSource clock;
    private final String container;
    private final Instant start;

    ContainerEvents(EngineSocket socket, InstantSource clock, String container) {
        this.socket = socket;
        this.clock = clock;
        this.container = container;
        this.start = clock.instant();
    }

    /**
     * Whether the kernel has killed a process of it for want of memory.
     *
     * @param patience to wait for the event, which comes a moment after the kill
     */
    boolean outOfMemory(Duration patience) {
        String tried = "find out why the script was killed";
        Instant end = clock.instant().plus(patience);
        String filters = EngineCalls.filters(Map.of("container", List.of(container), "event", List.of("oom")));
        String target = "/events?since=%d&until=%d.%09d&%s"
                .formatted(start.getEpochSecond(), end.getEpochSecond(), end.getNano(), filters);
        try {
            return EngineJson.inSequence(new EngineCalls(socket, LIMIT).get(tried, target), "Action")
                    .contains("oom");
        } catch (IOException damaged) {
            throw EngineFailures.unreachable(tried, socket.path(), damaged);
        }
    }
}
