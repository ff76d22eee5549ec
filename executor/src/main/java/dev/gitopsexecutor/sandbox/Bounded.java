package dev.gitopsexecutor.sandbox;

import dev.gitopsexecutor.io.Cancellation;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Gives a call on the engine's socket an end: docker-java's own timeouts do nothing on a Unix socket. */
final class Bounded {
    private Bounded() {}

    /** The call was not over in time; it has been interrupted, which closes its connection. */
    static final class LateException extends IOException {
        private static final long serialVersionUID = 1L;

        LateException(Duration limit) {
            super("no answer in %d s".formatted(limit.toSeconds()));
        }
    }

    static <T> T within(Duration limit, Callable<T> call) throws IOException {
        return within(limit, new Cancellation(), call);
    }

    /** Throws {@link CancellationException} as soon as the stage shall end. */
    static <T> T within(Duration limit, Cancellation cancellation, Callable<T> call) throws IOException {
        FutureTask<T> task = new FutureTask<>(call);
        Thread thread = SocketThreads.start("engine-call", task);
        try (Cancellation.Registration _ = cancellation.onRequest(() -> task.cancel(true))) {
            return task.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            throw new LateException(limit);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for the engine");
        } catch (ExecutionException failed) {
            throw translated(failed.getCause());
        } finally {
            thread.interrupt();
        }
    }

    private static IOException translated(@Nullable Throwable cause) {
        return switch (cause) {
            case IOException own -> own;
            case RuntimeException bug -> throw bug;
            case Error fatal -> throw fatal;
            case null, default -> new IOException(cause);
        };
    }
}
