package dev.gitopsexecutor.testbed;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** One launcher process of a job: in its own process group, stdin empty, both pipes read to their end. */
final class StageProcess {
    private final Process process;
    private final List<Thread> readers;

    private StageProcess(Process process, List<Thread> readers) {
        this.process = process;
        this.readers = readers;
    }

    /** The two streams get what the process writes, as it comes. */
    static StageProcess start(
            WorldDirectory world, List<String> words, Path directory, Map<String, String> environment, Streams streams)
            throws IOException {
        // setsid(1) becomes the program itself, so that its number is that of the new group.
        List<String> command = new ArrayList<>(List.of("setsid"));
        command.addAll(words);
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process = builder.start();
        world.remember(process);
        return new StageProcess(
                process,
                List.of(read(process.getInputStream(), streams.out()), read(process.getErrorStream(), streams.err())));
    }

    /** Where the bytes go. */
    record Streams(Consumer<ByteBuffer> out, Consumer<ByteBuffer> err) {}

    private static Thread read(InputStream stream, Consumer<ByteBuffer> sink) {
        return Thread.ofVirtual().start(() -> {
            byte[] buffer = new byte[8192];
            try (stream) {
                for (int n = stream.read(buffer); n >= 0; n = stream.read(buffer)) {
                    sink.accept(ByteBuffer.wrap(buffer.clone(), 0, n));
                }
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        });
    }

    /**
     * Blocks until the process ended and nobody holds its pipes any more.
     *
     * @return its exit code; 128 + signal when it was killed
     */
    int await() throws InterruptedException {
        int code = process.waitFor();
        for (Thread reader : readers) {
            reader.join();
        }
        return code;
    }

    /** SIGTERM to the whole group, and SIGKILL when it is still there after the grace. */
    void terminate(Duration grace) throws InterruptedException {
        signal("TERM");
        if (!process.waitFor(grace.toMillis(), TimeUnit.MILLISECONDS)) {
            signal("KILL");
        }
    }

    /** SIGKILL to the whole group. */
    void kill() {
        signal("KILL");
    }

    /** SIGSTOP to the whole group. */
    void pause() {
        signal("STOP");
    }

    /** Ends a {@link #pause}. */
    void resume() {
        signal("CONT");
    }

    private void signal(String name) {
        signal(name, process.pid());
    }

    /** To the process group with this number; nothing when there is none. */
    static void signal(String name, long group) {
        try {
            new ProcessBuilder("kill", "-" + name, "--", "-" + group)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }
}
