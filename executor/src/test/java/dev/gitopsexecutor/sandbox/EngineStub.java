package dev.gitopsexecutor.sandbox;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Something that listens on an engine's socket and gives each request a scripted answer, byte by byte if need be. */
public final class EngineStub implements AutoCloseable {
    /** Of an engine that can enforce everything. */
    public static final String INFO = """
            {"MemoryLimit": true, "CpuCfsQuota": true, "PidsLimit": true,
             "SecurityOptions": ["name=seccomp,profile=default"]}""";

    private static final Pattern CONTENT_LENGTH = Pattern.compile("(?im)^Content-Length: ([0-9]+)");
    private static final String PING = "HTTP/1.0 200 OK\r\nApi-Version: 1.41\r\n\r\nOK";

    private final Path socket;
    private final ServerSocketChannel server;
    private final String ping;
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final List<String> abandoned = new CopyOnWriteArrayList<>();
    private final List<SocketChannel> silent = new CopyOnWriteArrayList<>();

    private EngineStub(Path socket, ServerSocketChannel server, String ping) {
        this.socket = socket;
        this.server = server;
        this.ping = ping;
    }

    /**
     * Agrees on version 1.41 of the API by itself.
     *
     * @param answers maps a request line without the version to what is sent before the stub hangs up; an empty text is
     *     silence
     */
    public static EngineStub open(Path directory, Function<String, List<byte[]>> answers) throws IOException {
        return open(directory, PING, answers);
    }

    /** One that answers a ping with that text. */
    static EngineStub open(Path directory, String ping, Function<String, List<byte[]>> answers) throws IOException {
        Path socket = directory.resolve("engine.sock");
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        EngineStub stub = new EngineStub(socket, server, ping);
        Thread.ofVirtual().start(() -> stub.serve(answers));
        return stub;
    }

    /** One whole answer with a body of JSON. */
    public static byte[] answer(String status, String body) {
        return bytes(
                "HTTP/1.1 %s\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                        .formatted(status, body.length(), body));
    }

    public static byte[] bytes(String text) {
        return text.getBytes(ISO_8859_1);
    }

    /** One frame of a command's output. */
    public static byte[] frame(int stream, String text) {
        byte[] payload = bytes(text);
        return ByteBuffer.allocate(8 + payload.length)
                .put((byte) stream)
                .position(4)
                .putInt(payload.length)
                .put(payload)
                .array();
    }

    public Path socket() {
        return socket;
    }

    /** Request lines in their order. */
    public List<String> requests() {
        return requests;
    }

    /** Request lines that got silence and whose client has hung up. */
    List<String> abandoned() {
        return abandoned;
    }

    private void serve(Function<String, List<byte[]>> answers) {
        while (server.isOpen()) {
            try {
                SocketChannel channel = server.accept();
                Thread.ofVirtual().start(() -> answer(channel, answers));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void answer(SocketChannel channel, Function<String, List<byte[]>> answers) {
        try {
            ByteBuffer request = ByteBuffer.allocate(64 * 1024);
            String text = "";
            // A client whose request is not read to its end takes the answer for a broken connection.
            while (!isWhole(text) && channel.read(request) > 0) {
                text = new String(request.array(), 0, request.position(), ISO_8859_1);
            }
            String line = text.lines().findFirst().orElse("");
            if (line.startsWith("GET /_ping ")) {
                channel.write(ByteBuffer.wrap(bytes(ping)));
                channel.close();
                return;
            }
            line = line.replace(" /v1.41/", " /");
            requests.add(line);
            List<byte[]> answer = answers.apply(line);
            if (answer.isEmpty()) {
                silent.add(channel);
                while (channel.read(request.clear()) >= 0) {
                    // What else the client says is not answered either.
                }
                abandoned.add(line);
                return;
            }
            for (byte[] part : answer) {
                channel.write(ByteBuffer.wrap(part));
            }
            channel.shutdownOutput();
            while (channel.read(request.clear()) > 0) {
                // Closed with a command's input unread, the connection would be reset, and its output lost.
            }
            channel.close();
        } catch (IOException hungUp) {
            // The client's business.
        }
    }

    private static boolean isWhole(String request) {
        int body = request.indexOf("\r\n\r\n") + 4;
        Matcher length = CONTENT_LENGTH.matcher(request);
        return body >= 4 && request.length() - body >= (length.find() ? Integer.parseInt(length.group(1)) : 0);
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (SocketChannel channel : silent) {
            channel.close();
        }
    }
}
