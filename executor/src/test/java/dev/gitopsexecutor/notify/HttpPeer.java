package dev.gitopsexecutor.notify;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** An HTTP server whose answers are bytes, so that they can be wrong in every way. One connection is one request. */
public final class HttpPeer implements AutoCloseable {
    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final List<Behaviour> behaviours;

    /** Headers by their names in lower case. */
    public record Request(String line, Map<String, String> headers, String body) {}

    /** What it does once it has read a request. */
    public interface Behaviour {
        void answer(Socket socket, OutputStream out) throws IOException;
    }

    /** Each request gets the next behaviour, the last of them for good. */
    public HttpPeer(Behaviour... behaviours) throws IOException {
        this.behaviours = List.of(behaviours);
        Thread.ofVirtual().start(this::serve);
    }

    public static Behaviour answers(int status, String body, String... headers) {
        return (_, out) -> {
            StringBuilder head = new StringBuilder("HTTP/1.1 %d Whatever\r\n".formatted(status));
            for (String header : headers) {
                head.append(header).append("\r\n");
            }
            head.append("Content-Length: %d\r\nConnection: close\r\n\r\n".formatted(body.getBytes(UTF_8).length));
            out.write((head + body).getBytes(UTF_8));
        };
    }

    public static Behaviour hangs() {
        return (socket, _) -> socket.getInputStream().read();
    }

    public static Behaviour resets() {
        return (socket, _) -> socket.setSoLinger(true, 0);
    }

    public static Behaviour answersHalf() {
        return (_, out) -> out.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\no".getBytes(UTF_8));
    }

    public static Behaviour neverEnds() {
        return (_, out) -> {
            out.write("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".getBytes(UTF_8));
            byte[] block = "ok".repeat(4096).getBytes(UTF_8);
            while (true) {
                out.write(block);
            }
        };
    }

    public URI uri(String path) {
        return URI.create("http://127.0.0.1:" + listener.getLocalPort() + path);
    }

    public List<Request> requests() {
        return List.copyOf(requests);
    }

    private void serve() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                open.add(socket);
                Thread.ofVirtual().start(() -> answer(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void answer(Socket socket) {
        try (socket) {
            Request request = read(new BufferedInputStream(socket.getInputStream()));
            Behaviour behaviour;
            synchronized (this) {
                behaviour = behaviours.get(Math.min(requests.size(), behaviours.size() - 1));
                requests.add(request);
            }
            behaviour.answer(socket, socket.getOutputStream());
        } catch (IOException gone) {
            // As the behaviour has it, or the other side had enough.
        }
    }

    private static Request read(InputStream in) throws IOException {
        String line = line(in);
        Map<String, String> headers = new TreeMap<>();
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
            int colon = header.indexOf(':');
            headers.put(
                    header.substring(0, colon).toLowerCase(Locale.ROOT),
                    header.substring(colon + 1).strip());
        }
        int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
        return new Request(line, headers, new String(in.readNBytes(length), UTF_8));
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new IOException("the request ends early");
            }
            line.append(new String(new byte[] {(byte) next}, ISO_8859_1));
        }
        return line.toString().strip();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
