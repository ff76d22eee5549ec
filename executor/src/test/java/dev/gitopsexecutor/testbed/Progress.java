package dev.gitopsexecutor.testbed;

import java.io.PrintStream;
import java.time.Duration;

/** Says which part of the testbed starts, and how long that took. */
public final class Progress {
    private final PrintStream out;

    public Progress(PrintStream out) {
        this.out = out;
    }

    /** Something that may fail in the ways of files and processes. */
    @FunctionalInterface
    public interface Work<T> {
        T run() throws Exception;
    }

    /** Runs the work; its failure is told with the name of the step. */
    public <T> T step(String what, Work<T> work) {
        long started = System.nanoTime();
        try {
            T result = work.run();
            say(what + ": " + seconds(started) + " s");
            return result;
        } catch (Exception failure) {
            if (failure instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            throw new TestbedException(what + " failed after " + seconds(started) + " s", failure);
        }
    }

    public void say(String line) {
        out.println("  " + line);
        out.flush();
    }

    private static String seconds(long started) {
        return "%.1f".formatted(Duration.ofNanos(System.nanoTime() - started).toMillis() / 1000.0);
    }
}
