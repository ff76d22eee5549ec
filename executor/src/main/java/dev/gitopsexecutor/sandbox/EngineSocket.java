package dev.gitopsexecutor.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/**
 * The few engine calls that a {@code run} needs, without docker-java.
 *
 * <p>docker-java never half-closes a stream, so that a command which reads its input to the end waits for ever, and
 * loading it costs a short process more than everything else. Every call blocks without an end: see {@link Bounded}.
 */
final class EngineSocket {
    private static final int MAX_ANSWER = 4 * 1024 * 1024;

    private final Path path;

    EngineSocket(Path path) {
        this.path = path;
    }

    /** {@code body} is JSON in the engine's answers, an error's too. */
    record Answer(int status, String body) {}

    Path path() {
        return path;
    }

    /** One request on its own connection; {@code json} may be empty. */
    Answer send(String method, String target, String json) throws IOException {
        // HTTP/1.0: the answer is not chunked and ends with the connection.
        try (SocketChannel channel = connect()) {
            write(channel, "%s %s HTTP/1.0\r\n%s".formatted(method, target, headers(json)));
            ByteArrayOutputStream whole = new ByteArrayOutputStream();
            ByteBuffer buffer = ByteBuffer.allocate(16 * 1024);
            while (channel.read(buffer.clear()) >= 0) {
                whole.write(buffer.array(), 0, buffer.position());
                if (whole.size() > MAX_ANSWER) {
                    throw new IOException("the engine's answer is larger than %d bytes".formatted(MAX_ANSWER));
                }
            }
            return parse(whole.toString(UTF_8));
        }
    }

    /** Turns a request into a stream in both directions; the caller closes it. */
    AttachedStream attach(String target, String json) throws IOException {
        SocketChannel channel = connect();
        try {
            write(
                    channel,
                    "POST %s HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n%s".formatted(target, headers(json)));
            return AttachedStream.after(channel);
        } catch (IOException | RuntimeException failed) {
            channel.close();
            throw failed;
        }
    }

    private SocketChannel connect() throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(path));
        } catch (IOException | RuntimeException failed) {
            channel.close();
            throw failed;
        }
        return channel;
    }

    private static String headers(String json) {
        return "Host: engine\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                .formatted(json.getBytes(UTF_8).length, json);
    }

    private static void write(SocketChannel channel, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static Answer parse(String answer) throws IOException {
        int end = answer.indexOf("\r\n\r\n");
        if (end < 0) {
            throw new IOException("the engine closed the connection before its answer was whole");
        }
        return new Answer(status(answer), answer.substring(end + 4));
    }

    /** Of the status line {@code HTTP/1.1 404 Not Found}. */
    static int status(String head) throws IOException {
        if (!head.matches("(?s)HTTP/1\\.[01] [1-5][0-9]{2}[ \r].*")) {
            throw new IOException("what listens on the engine's socket does not speak HTTP");
        }
        return Integer.parseInt(head.substring(9, 12));
    }
}
