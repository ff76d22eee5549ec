package dev.gitopsexecutor.checks;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server on the loopback address that says what it is told to, byte by byte, right or wrong. */
final class RawServer implements AutoCloseable {
    private static final Pattern LENGTH = Pattern.compile("\r\nContent-Length: (\\d+)\r\n");

    private final ServerSocket listener;
    private final String scheme;
    private final Turn turn;
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();

    /** What to do with a connection whose request was read; then it is closed. */
    interface Turn {
        void serve(Socket socket, String request) throws IOException;
    }

    RawServer(Turn turn) throws IOException {
        this("http", new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), turn);
    }

    RawServer(String scheme, ServerSocket listener, Turn turn) {
        this.scheme = scheme;
        this.listener = listener;
        this.turn = turn;
        Thread.ofVirtual().start(this::accept);
    }

    /** The first connection gets the first answer, and so on; those after the last get that again. */
    static RawServer saying(String... answers) throws IOException {
        AtomicInteger next = new AtomicInteger();
        return new RawServer(
                (socket, request) -> write(socket, answers[Math.min(next.getAndIncrement(), answers.length - 1)]));
    }

    /** A whole answer. */
    static String answer(int status, String contentType, String body) {
        return "HTTP/1.1 %d Said\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s"
                .formatted(status, contentType, body.length(), body);
    }

    static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(ISO_8859_1));
        socket.getOutputStream().flush();
    }

    /** Waits for the other side to close. */
    static void hold(Socket socket) throws IOException {
        socket.getInputStream().transferTo(ByteArrayOutputStream.nullOutputStream());
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                sockets.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            String request = request(socket.getInputStream());
            requests.add(request);
            turn.serve(socket, request);
        } catch (IOException gone) {
            // Whoever asks may leave at any time.
        }
    }

    private static String request(InputStream in) throws IOException {
        StringBuilder text = new StringBuilder();
        while (text.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("the request ended early");
            }
            text.append((char) next);
        }
        Matcher length = LENGTH.matcher(text);
        byte[] body = length.find() ? in.readNBytes(Integer.parseInt(length.group(1))) : new byte[0];
        return text + new String(body, ISO_8859_1);
    }

    /** As they came. */
    List<String> requests() {
        return List.copyOf(requests);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** By the name {@code localhost}. */
    URI named(String path) {
        return URI.create("%s://localhost:%d%s".formatted(scheme, port(), path));
    }

    URI url(String path) {
        return URI.create("%s://127.0.0.1:%d%s".formatted(scheme, port(), path));
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
