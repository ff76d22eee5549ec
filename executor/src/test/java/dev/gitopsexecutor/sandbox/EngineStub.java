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

/** Something that listens on an engine's socket and gives each request a scripted answer, byte by byte if need be. */
public final class EngineStub implements AutoCloseable {
    private final Path socket;
    private final ServerSocketChannel server;
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final List<String> abandoned = new CopyOnWriteArrayList<>();
    private final List<SocketChannel> silent = new CopyOnWriteArrayList<>();

    private EngineStub(Path socket, ServerSocketChannel server) {
        this.socket = socket;
        this.server = server;
    }

    /** {@code answers} maps a request line to what is sent before the stub hangs up; an empty text is silence. */
    public static EngineStub open(Path directory, Function<String, List<byte[]>> answers) throws IOException {
        Path socket = directory.resolve("engine.sock");
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        EngineStub stub = new EngineStub(socket, server);
        Thread.ofVirtual().start(() -> stub.serve(answers));
        return stub;
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
            ByteBuffer request = ByteBuffer.allocate(16 * 1024);
            channel.read(request);
            String text = new String(request.array(), 0, request.position(), ISO_8859_1);
            String line = text.lines().findFirst().orElse("");
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
            channel.close();
        } catch (IOException hungUp) {
            // The client's business.
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (SocketChannel channel : silent) {
            channel.close();
        }
    }
}
