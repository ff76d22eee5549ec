package dev.gitopsexecutor.sandbox;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The engine's refusals and silences in this program's words; never the job's fault. */
final class EngineFailures {
    private EngineFailures() {}

    /** The engine answered, with a no. */
    static ExecutorException refused(String tried, Path socket, String saw, @Nullable Throwable cause) {
        return new ExecutorException(
                new Failure(
                        FailureCode.ENGINE_FAILED,
                        tried,
                        "the container engine at " + socket,
                        saw,
                        "Look into the engine's own log, then run the job again."),
                cause);
    }

    /** The engine did not answer, or not to the end, or in a version that is not ours. */
    static ExecutorException unreachable(String tried, Path socket, Throwable cause) {
        if (cause instanceof EngineSocket.UnsupportedException unsupported) {
            return unsupported(tried, socket, unsupported);
        }
        return new ExecutorException(
                new Failure(
                        FailureCode.ENGINE_UNREACHABLE,
                        tried,
                        "the container engine at " + socket,
                        cause.toString(),
                        "See that the engine runs and that this user may use its socket, then run the job again."),
                cause);
    }

    private static ExecutorException unsupported(String tried, Path socket, EngineSocket.UnsupportedException cause) {
        return new ExecutorException(
                new Failure(
                        FailureCode.ENGINE_UNSUITABLE,
                        tried,
                        "the container engine at " + socket,
                        String.valueOf(cause.getMessage()),
                        "Run Docker Engine 20.10 or newer there, or name its socket in executor.yaml, docker.socket."),
                cause);
    }

    static ExecutorException canceled(String tried) {
        return new ExecutorException(new Failure(
                FailureCode.CANCELED,
                tried,
                "this job",
                "the job was canceled; nothing of it is left on this machine",
                "Retry the job if it should run after all."));
    }

    /** The container went away under the script. */
    static ExecutorException containerLost(String tried, String container, String saw) {
        return new ExecutorException(new Failure(
                FailureCode.ENGINE_FAILED,
                tried,
                "container " + container,
                saw,
                "See who stopped the container (docker events), then run the job again."));
    }

    static ExecutorException outOfMemory(String tried, String container) {
        return new ExecutorException(new Failure(
                FailureCode.OUT_OF_MEMORY,
                tried,
                "container " + container,
                "the kernel killed a process of it that asked for more memory than the container may have"
                        + " (the checkout and the cache count too)",
                "Let the script need less, or raise limits.memory in executor.yaml."));
    }
}
