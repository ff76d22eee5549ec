package dev.gitopsexecutor.checks;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gitopsexecutor.io.Deadline;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One GET over a connection that the host dials: no local port is opened, no redirect followed, the body bounded.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9112">HTTP/1.1</a>
 */
final class HttpProbe implements AutoCloseable {
    private static final int MAX_HEAD_LINES = 200;
    private static final int MAX_LINE = 16 * 1024;
    private static final int MAX_BODY = 64 * 1024;

    private final Dialer dialer;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("probe-timer").factory());

    HttpProbe(Dialer dialer) {
        this.dialer = dialer;
    }

    /** Blocks until the whole answer is there; throws {@link IOException} when it is not by the deadline. */
    HealthAnswer get(URI url, Deadline deadline) throws IOException {
        Endpoint endpoint = Endpoint.of(url);
        try (Socket socket = dialer.dial(endpoint.address(), endpoint.port(), deadline)) {
            AtomicBoolean late = new AtomicBoolean();
            var cut =
                    timer.schedule(() -> cut(socket, late), deadline.remaining().toMillis(), TimeUnit.MILLISECONDS);
            try {
                return exchange(socket, url);
            } catch (IOException failed) {
                throw late.get() ? new IOException("no whole answer in time", failed) : failed;
            } finally {
                cut.cancel(false);
            }
        }
    }

    /** What is being read from the socket then fails, and {@code late} says why. */
    private static boolean cut(Socket socket, AtomicBoolean late) throws IOException {
        late.set(true);
        socket.close();
        return true;
    }

    private static HealthAnswer exchange(Socket socket, URI url) throws IOException {
        String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
        String path = url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        String request = "GET %s%s HTTP/1.1\r\nHost: %s\r\nUser-Agent: gitops-executor\r\nAccept: */*\r\n"
                        .formatted(path, query, url.getRawAuthority())
                + "Connection: close\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(ISO_8859_1));
        socket.getOutputStream().flush();
        InputStream in = new BufferedInputStream(socket.getInputStream());
        int status = status(line(in));
        boolean chunked = false;
        int length = MAX_BODY;
        for (int count = 0; ; count++) {
            String header = line(in).toLowerCase(Locale.ROOT);
            if (header.isEmpty()) {
                break;
            }
            if (count > MAX_HEAD_LINES) {
                throw new IOException("the answer has more than %d header lines".formatted(MAX_HEAD_LINES));
            }
            chunked |= header.matches("transfer-encoding:.*\\bchunked\\b.*");
            if (header.matches("content-length:\\s*\\d{1,9}\\s*")) {
                length = Integer.parseInt(
                        header.substring(header.indexOf(':') + 1).strip());
            }
        }
        byte[] body = chunked ? chunks(in) : in.readNBytes(Math.min(length, MAX_BODY));
        return new HealthAnswer(status, new String(body, UTF_8));
    }

    private static int status(String line) throws IOException {
        if (!line.matches("HTTP/1\\.[01] [1-5]\\d\\d\\b.*")) {
            throw new IOException(line.isEmpty() ? "the connection was closed without an answer" : "not HTTP/1.1");
        }
        return Integer.parseInt(line.substring(9, 12));
    }

    private static byte[] chunks(InputStream in) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (body.size() < MAX_BODY) {
            String size = line(in).split(";", -1)[0].strip();
            if (!size.matches("[0-9a-fA-F]{1,7}")) {
                throw new IOException("the answer's chunks are damaged");
            }
            int length = Integer.parseInt(size, 16);
            if (length == 0) {
                break;
            }
            body.write(in.readNBytes(Math.min(length, MAX_BODY - body.size())));
            line(in);
        }
        return body.toByteArray();
    }

    /** Without its line end; empty at the end of the stream too. */
    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
            if (line.size() == MAX_LINE) {
                throw new IOException("the answer has a line of more than %d bytes".formatted(MAX_LINE));
            }
            line.write(next);
        }
        return line.toString(ISO_8859_1).strip();
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
