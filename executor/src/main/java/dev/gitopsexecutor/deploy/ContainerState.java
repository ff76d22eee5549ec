package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.model.ImageRef;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * A container of a Compose project, as the engine tells it.
 *
 * @param status {@code running}, {@code exited}, {@code restarting}, …
 * @param age since it was started, by the host's own clock; zero when nobody can tell
 * @param health as its own health check has it; empty without one
 * @param digests {@code repository@digest} of the image that it runs
 * @param ports of the host that lead to it
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
        List<String> digests,
        Set<Integer> ports) {

    ContainerState {
        digests = List.copyOf(digests);
        ports = Set.copyOf(ports);
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
        String meaning = outOfMemory ? "killed: out of memory" : meaning(exitCode);
        if (!meaning.isEmpty()) {
            text.append(" (%s)".formatted(meaning));
        }
        if (!health.isEmpty()) {
            text.append(", its health check says ").append(health);
        }
        if (restarts > 0) {
            text.append(restarts == 1 ? ", restarted once" : ", restarted %d times".formatted(restarts));
        }
        return text.toString();
    }

    /**
     * What a container's exit code stands for where that is fixed; else empty.
     *
     * @see <a href="https://docs.docker.com/engine/containers/run/#exit-status">the engine's own codes</a>; 128 and more are
     *     a signal, as every shell counts them
     */
    private static String meaning(int exitCode) {
        return switch (exitCode) {
            case 125 -> "the engine could not run it";
            case 126 -> "its command cannot be run";
            case 127 -> "its command was not found";
            case 130 -> "interrupted: SIGINT";
            case 132 -> "crashed: SIGILL";
            case 134 -> "aborted: SIGABRT";
            case 137 -> "killed: SIGKILL";
            case 139 -> "crashed: SIGSEGV";
            case 143 -> "asked to end: SIGTERM";
            default -> "";
        };
    }
}
