package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.model.ImageRef;
import java.time.Duration;
import java.util.List;

/**
 * A container of a Compose project, as the engine tells it.
 *
 * @param status {@code running}, {@code exited}, {@code restarting}, …
 * @param age since it was started, by the host's own clock; zero when nobody can tell
 * @param health as its own health check has it; empty without one
 * @param digests {@code repository@digest} of the image that it runs
 */
record ContainerState(
        String id,
        String name,
        String service,
        String status,
        int exitCode,
        boolean outOfMemory,
        int restarts,
        Duration age,
        String health,
        List<String> digests) {

    ContainerState {
        digests = List.copyOf(digests);
    }

    boolean runs(ImageRef image) {
        return image.digest()
                .map(digest -> digests.stream().anyMatch(known -> known.endsWith("@" + digest)))
                .orElse(false);
    }

    /** {@code exited with exit code 1 (killed: out of memory), restarted 3 times}. */
    String describe() {
        StringBuilder text = new StringBuilder(status);
        if (status.equals("exited") || status.equals("restarting") || exitCode != 0) {
            text.append(" with exit code ").append(exitCode);
        }
        if (outOfMemory) {
            text.append(" (killed: out of memory)");
        }
        if (!health.isEmpty()) {
            text.append(", its health check says ").append(health);
        }
        if (restarts > 0) {
            text.append(restarts == 1 ? ", restarted once" : ", restarted %d times".formatted(restarts));
        }
        return text.toString();
    }
}
