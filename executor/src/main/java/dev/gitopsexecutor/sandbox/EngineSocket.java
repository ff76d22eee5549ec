package dev.gitopsexecutor.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The few engine calls that a {@code run} needs, without docker-java.
 *
 * <p>docker-java never half-closes a stream, so that a command which reads its input to the end waits for ever, and
 * loading it costs a short process more than everything else. Every call blocks without an end: see {@link Bounded}.
 */
final class EngineSocket {
    private static final int MAX_ANSWER = 64 * 1024 * 1024;
    private static final Pattern API_VERSION = Pattern.compile("(?im)^Api-Version:\\s*(1)\\.([0-9]{1,4})\\s*$");

    /** Of Docker 20.10. */
    private static final int OLDEST = 41;

    /** Of Docker 26.1, the newest whose answers our tests have seen; a newer engine speaks it too. */
    private static final int NEWEST = 45;

    private final Path path;
    private @Nullable String version;

    EngineSocket(Path path) {
        this.path = path;
    }

    /** {@code body} is JSON in the engine's answers, an error's too. */
    record Answer(int status, String body) {
        boolean isAccepted() {
            return status < 300;
        }

        boolean isNotFound() {
            return status == 404;
        }

        /** The sentence of a no. */
        String message() {
            return EngineJson.message(body);
        }
    }

    Path path() {
        return path;
    }

    /**
     * The newest version of the API that both sides know, such as {@code 1.41}; the engine is asked once.
     *
     * @throws UnsupportedException when there is none
     */
    synchronized String apiVersion() throws IOException {
        String agreed = version;
        if (agreed == null) {
            agreed = agree(exchange("GET /_ping HTTP/1.0\r\n" + headers("")));
            version = agreed;
        }
        return agreed;
    }

    /** The engine is too old, or is no engine. */
    static final class UnsupportedException extends IOException {
        private static final long serialVersionUID = 1L;

        UnsupportedException(String message) {
            super(message);
        }
    }

    private static String agree(String answer) throws IOException {
        Matcher said = API_VERSION.matcher(answer);
        if (status(answer) != 200 || !said.find()) {
            throw new UnsupportedException("it does not tell the version of its API");
        }
        int minor = Integer.parseInt(said.group(2));
        if (minor < OLDEST) {
            throw new UnsupportedException(
                    "its API is 1.%d; 1.%d, that of Docker 20.10, is the oldest that will do".formatted(minor, OLDEST));
        }
        return "1." + Math.min(minor, NEWEST);
    }

    /** One request on its own connection; {@code json} may be empty. */
    Answer send(String method, String target, String json) throws IOException {
        return send(method, target, "", json);
    }

    /** {@code header} is a whole line with its end, or empty. */
    Answer send(String method, String target, String header, String json) throws IOException {
        return parse(
                exchange("%s /v%s%s HTTP/1.0\r\n%s%s".formatted(method, apiVersion(), target, header, headers(json))));
    }

    private String exchange(String request) throws IOException {
        // HTTP/1.0: the answer is not chunked and ends with the connection.
        try (SocketChannel channel = connect()) {
            write(channel, request);
            ByteArrayOutputStream whole = new ByteArrayOutputStream();
            ByteBuffer buffer = ByteBuffer.allocate(16 * 1024);
            while (channel.read(buffer.clear()) >= 0) {
                whole.write(buffer.array(), 0, buffer.position());
                if (whole.size() > MAX_ANSWER) {
                    throw new IOException("the engine's answer is larger than %d bytes".formatted(MAX_ANSWER));
                }
            }
            return whole.toString(UTF_8);
        }
    }

    /** Turns a request into a stream in both directions; the caller closes it. */
    AttachedStream attach(String target, String json) throws IOException {
        SocketChannel channel = connect();
        try {
            write(
                    channel,
                    "POST /v%s%s HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n%s"
                            .formatted(apiVersion(), target, headers(json)));
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
