package dev.gitopsexecutor.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * A command's three streams on one connection; holds one buffer, whatever the command prints.
 *
 * @see <a href="https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerAttach">
 *     the engine's stream format</a>
 */
final class AttachedStream implements AutoCloseable {
    private static final int MAX_HEAD = 16 * 1024;
    private static final int STDERR = 2;
    private static final int SWITCHING_PROTOCOLS = 101;

    private final SocketChannel channel;
    private final ByteBuffer received = ByteBuffer.allocate(32 * 1024).flip();

    private AttachedStream(SocketChannel channel) {
        this.channel = channel;
    }

    /** The stream that {@link #copyOutput} writes to does not take its bytes any more. */
    static final class SinkException extends IOException {
        private static final long serialVersionUID = 1L;

        SinkException(IOException cause) {
            super(cause);
        }
    }

    /** Reads the answer to the request that was written to {@code channel}; it has to be a yes. */
    static AttachedStream after(SocketChannel channel) throws IOException {
        AttachedStream stream = new AttachedStream(channel);
        int status = EngineSocket.status(stream.head());
        if (status != SWITCHING_PROTOCOLS && status != 200) {
            throw new RefusedException(status, stream.rest());
        }
        return stream;
    }

    /** The engine's no to an attach. */
    static final class RefusedException extends IOException {
        private static final long serialVersionUID = 1L;

        RefusedException(int status, String body) {
            super("HTTP %d: %s".formatted(status, body.strip()));
        }
    }

    /** Writes all of {@code in}, then tells the command that there is no more; blocks until both are done. */
    void copyInput(InputStream in) throws IOException {
        byte[] chunk = new byte[16 * 1024];
        for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
            ByteBuffer bytes = ByteBuffer.wrap(chunk, 0, count);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }
        channel.shutdownOutput();
    }

    /** Blocks until nobody can print any more; every byte reaches its stream as soon as it is here. */
    void copyOutput(OutputStream out, OutputStream err) throws IOException {
        while (received.hasRemaining() || fill()) {
            int stream = next();
            next();
            next();
            next();
            long length = ((long) next() << 24) | (next() << 16) | (next() << 8) | next();
            copy(length, stream == STDERR ? err : out);
        }
    }

    private void copy(long length, OutputStream sink) throws IOException {
        long left = length;
        while (left > 0) {
            if (!received.hasRemaining() && !fill()) {
                throw new EOFException("the engine closed the stream in the middle of the output");
            }
            int count = (int) Math.min(left, received.remaining());
            try {
                sink.write(received.array(), received.position(), count);
                sink.flush();
            } catch (IOException lost) {
                throw new SinkException(lost);
            }
            received.position(received.position() + count);
            left -= count;
        }
    }

    private String head() throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.length() < 4 || head.indexOf("\r\n\r\n", head.length() - 4) < 0) {
            if (head.length() > MAX_HEAD) {
                throw new IOException("the head of the engine's answer has no end");
            }
            head.append((char) next());
        }
        return head.toString();
    }

    /** What is here of an error's body, without waiting for more. */
    private String rest() {
        byte[] bytes = new byte[received.remaining()];
        received.get(bytes);
        return new String(bytes, UTF_8);
    }

    private int next() throws IOException {
        if (!received.hasRemaining() && !fill()) {
            throw new EOFException("the engine closed the stream");
        }
        return Byte.toUnsignedInt(received.get());
    }

    private boolean fill() throws IOException {
        received.clear();
        int count = channel.read(received);
        received.flip();
        return count > 0;
    }

    /** Ends both copies, wherever they are. */
    @Override
    public void close() throws IOException {
        channel.close();
    }
}
