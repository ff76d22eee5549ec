package dev.gitopsexecutor.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.CompletableFuture;

/** A command that was started inside a container; closing it lets go of its streams and does not end it. */
final class Exec implements AutoCloseable {
    private final String id;
    private final AttachedStream stream;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    Exec(String id, AttachedStream stream) {
        this.id = id;
        this.stream = stream;
    }

    String id() {
        return id;
    }

    /** Feeds and drains the command on threads of their own. */
    void copy(InputStream in, OutputStream out, OutputStream err) {
        SocketThreads.start("stdin", () -> {
            try {
                stream.copyInput(in);
            } catch (IOException unread) {
                // A command may end without having read all of its input; how it ended says the rest.
            }
        });
        SocketThreads.start("output", () -> {
            try {
                stream.copyOutput(out, err);
                ended.complete(null);
            } catch (IOException | RuntimeException failed) {
                ended.completeExceptionally(failed);
            }
        });
    }

    /** Completes when nobody can print any more, with an {@link IOException} when the stream broke. */
    CompletableFuture<Void> ended() {
        return ended;
    }

    @Override
    public void close() throws IOException {
        stream.close();
    }
}
