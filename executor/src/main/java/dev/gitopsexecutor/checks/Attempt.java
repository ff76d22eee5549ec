package dev.gitopsexecutor.checks;

import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.io.Deadline;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.Socket;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One try over a connection of its own. It ends by its deadline, and at once when the job is canceled, whatever the
 * resolver, the network or the far end are doing: a thread of its own waits for them, and is left behind.
 */
final class Attempt<T> {
    private final CompletableFuture<T> outcome = new CompletableFuture<>();
    private @Nullable Socket socket;
    private boolean ended;

    private Attempt() {}

    /** What to do with the connection; closing it is not a part of that. */
    interface Work<T> {
        T over(Socket socket) throws IOException;
    }

    /** There is no result by the deadline. */
    static final class Late extends InterruptedIOException {
        private static final long serialVersionUID = 1L;

        Late(String message) {
            super(message);
        }
    }

    /** The job is canceled. */
    static final class Canceled extends InterruptedIOException {
        private static final long serialVersionUID = 1L;

        Canceled() {
            super("canceled");
        }
    }

    /**
     * Blocks.
     *
     * @throws Late by {@code deadline}
     * @throws Canceled on request
     * @throws IOException for what {@code dialer} or {@code work} failed with, its message in words
     */
    static <T> T at(Endpoint endpoint, Dialer dialer, Deadline deadline, Cancellation cancellation, Work<T> work)
            throws IOException, InterruptedException {
        Attempt<T> attempt = new Attempt<>();
        long limit = deadline.remaining().toMillis();
        // Not a virtual thread: the system's resolver would hold its carrier.
        Thread.ofPlatform()
                .daemon()
                .name("check-attempt")
                .start(() -> attempt.run(() -> dialer.dial(endpoint.address(), endpoint.port(), deadline), work));
        try (var _ = cancellation.onRequest(() -> attempt.outcome.completeExceptionally(new Canceled()))) {
            return attempt.outcome.get(limit, TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            throw attempt.late(limit);
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof TlsRefusal || failed.getCause() instanceof Canceled) {
                throw (IOException) failed.getCause();
            }
            if (failed.getCause() instanceof IOException broken) {
                // A dialer that knows the deadline may be the first to give up.
                throw deadline.hasPassed() ? attempt.late(limit) : new IOException(words(broken), broken);
            }
            throw new IllegalStateException(failed.getCause());
        } finally {
            attempt.end();
        }
    }

    private interface Dialling {
        Socket dial() throws IOException;
    }

    private void run(Dialling dialling, Work<T> work) {
        try {
            Socket dialled = dialling.dial();
            if (connected(dialled)) {
                outcome.complete(work.over(dialled));
            }
        } catch (IOException | RuntimeException | Error failed) {
            outcome.completeExceptionally(failed);
        }
    }

    /** False when nobody waits any more. */
    private synchronized boolean connected(Socket dialled) throws IOException {
        if (ended) {
            dialled.close();
            return false;
        }
        socket = dialled;
        return true;
    }

    private synchronized Late late(long limit) {
        return new Late(
                socket == null
                        ? "no connection in %s: the machine is down, or a firewall drops the packets"
                                .formatted(seconds(limit))
                        : "no whole answer in " + seconds(limit));
    }

    /** Wakes up the thread if it still reads or writes. */
    private synchronized void end() {
        ended = true;
        if (socket != null) {
            try {
                socket.close();
            } catch (IOException alreadyBroken) {
                // Nothing more is wanted of it.
            }
        }
    }

    /** As it fits into a sentence. */
    private static String words(IOException broken) {
        String message = broken.getMessage() == null ? broken.getClass().getSimpleName() : broken.getMessage();
        return message.matches("\\p{Lu}\\p{Ll}(?s:.*)")
                ? message.substring(0, 1).toLowerCase(Locale.ROOT) + message.substring(1)
                : message;
    }

    private static String seconds(long millis) {
        return String.format(Locale.ROOT, "%.1f s", millis / 1000.0).replace(".0", "");
    }
}
