package dev.gitopsexecutor.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.Cancellation;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** One script of the runner from its first byte to its exit code, in a container that is up. */
final class ScriptRun {
    /** What a shell answers for a command that SIGTERM ended. */
    static final int CANCELED = 143;

    private static final int KILLED = 137;
    private static final String TRIED = "run the script";
    private static final Duration SIGNAL_LIMIT = Duration.ofSeconds(10);
    private static final Duration AFTER_KILL = Duration.ofSeconds(5);
    private static final Duration SHORTLY = Duration.ofMillis(500);

    private final Execs execs;
    private final ContainerEvents events;
    private final String container;
    private final Duration grace;

    /** {@code grace} lies between TERM and KILL. */
    ScriptRun(Execs execs, ContainerEvents events, String container, Duration grace) {
        this.execs = execs;
        this.events = events;
        this.container = container;
        this.grace = grace;
    }

    int run(Path script, OutputStream out, OutputStream err, Cancellation cancellation) {
        if (cancellation.isRequested()) {
            return CANCELED;
        }
        try (InputStream in = Files.newInputStream(script)) {
            return run(in, out, err, cancellation);
        } catch (IOException unreadable) {
            throw new ExecutorException(
                    new Failure(
                            FailureCode.SCRIPT_UNREADABLE,
                            "read the stage's script",
                            script.toString(),
                            unreadable.toString(),
                            "See that the runner's temporary directory exists and is this user's."),
                    unreadable);
        }
    }

    /** Of a script that is a text. */
    int run(String script, OutputStream out, OutputStream err, Cancellation cancellation) {
        try (InputStream in = new ByteArrayInputStream(script.getBytes(UTF_8))) {
            return run(in, out, err, cancellation);
        } catch (IOException broken) {
            throw EngineFailures.containerLost(TRIED, container, "its output broke off: " + broken);
        }
    }

    private int run(InputStream script, OutputStream out, OutputStream err, Cancellation cancellation)
            throws IOException {
        CompletableFuture<Void> canceled = new CompletableFuture<>();
        try (Exec exec = execs.start(TRIED, container, ContainerScripts.RUN);
                Cancellation.Registration _ = cancellation.onRequest(() -> canceled.complete(null))) {
            exec.copy(script, out, err);
            CompletableFuture<Void> over = exec.ended().handle((ok, failed) -> null);
            CompletableFuture.anyOf(over, canceled).join();
            if (canceled.isDone()) {
                return stop(exec, over);
            }
            return verdict(exec);
        }
    }

    private int verdict(Exec exec) {
        if (exec.ended().isCompletedExceptionally()) {
            throw broken(exec.ended().exceptionNow());
        }
        int code = execs.exitCode(TRIED, container, exec);
        // A container that dies takes its processes with SIGKILL, as the kernel does when memory runs out.
        if (code == KILLED) {
            requireScriptsFault();
        }
        return code;
    }

    private void requireScriptsFault() {
        if (events.outOfMemory(SHORTLY)) {
            throw EngineFailures.outOfMemory(TRIED, container);
        }
        if (!isAlive()) {
            throw events.outOfMemory(AFTER_KILL)
                    ? EngineFailures.outOfMemory(TRIED, container)
                    : EngineFailures.containerLost(TRIED, container, "it ended while the script ran");
        }
    }

    /** Nothing can be started in a container whose first process is dead, nor in one that is full. */
    private boolean isAlive() {
        try {
            return execs.capture(
                                    "see whether the container lives",
                                    container,
                                    ContainerScripts.NOTHING,
                                    1,
                                    SIGNAL_LIMIT)
                            .exitCode()
                    == 0;
        } catch (ExecutorException gone) {
            return false;
        }
    }

    private ExecutorException broken(Throwable failed) {
        if (failed instanceof AttachedStream.SinkException lost) {
            kill();
            return new ExecutorException(
                    new Failure(
                            FailureCode.OUTPUT_LOST,
                            "pass on the script's output",
                            "the job log",
                            String.valueOf(lost.getCause()),
                            "See why the runner does not read the job's output any more."),
                    lost);
        }
        return EngineFailures.containerLost(TRIED, container, "its output broke off: " + failed);
    }

    /** Leaves the container up for after_script, and nothing of this script in it. */
    private int stop(Exec exec, CompletableFuture<Void> over) {
        signal("TERM");
        await(over, grace);
        kill();
        await(over, AFTER_KILL);
        return exitCodeOr(exec, CANCELED);
    }

    private void kill() {
        if (!signal("KILL")) {
            // A container that is full of processes starts no other.
            execs.kill(container);
        }
    }

    private boolean signal(String name) {
        try {
            return execs.capture(
                                    "send the script SIG" + name,
                                    container,
                                    ContainerScripts.signal(name),
                                    1024,
                                    SIGNAL_LIMIT)
                            .exitCode()
                    == 0;
        } catch (ExecutorException notDelivered) {
            return false;
        }
    }

    private int exitCodeOr(Exec exec, int otherwise) {
        try {
            int code = execs.exitCode(TRIED, container, exec);
            return code == 0 ? otherwise : code;
        } catch (ExecutorException unknown) {
            return otherwise;
        }
    }

    private static void await(CompletableFuture<Void> over, Duration patience) {
        over.completeOnTimeout(null, patience.toMillis(), TimeUnit.MILLISECONDS).join();
    }
}
