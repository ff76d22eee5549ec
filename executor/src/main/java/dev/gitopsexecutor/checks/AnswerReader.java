package dev.gitopsexecutor.checks;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Reads one answer from a server that is not trusted: what it may be is bounded, and what is damaged is said.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9112#name-message-body-length">RFC 9112, 6.3: where a body ends</a>
 */
final class AnswerReader {
    static final int LARGEST_BODY = 64 * 1024;
    private static final int LARGEST_HEAD = 64 * 1024;
    private static final int LONGEST_LINE = 16 * 1024;
    private static final int MOST_LINES = 200;
    private static final int MOST_INTERIM = 10;
    private static final int SWITCHING_PROTOCOLS = 101;
    /** The first byte of a TLS alert, with which a TLS server answers what is not TLS. */
    private static final int TLS_ALERT = 0x15;

    private static final Pattern STATUS_LINE = Pattern.compile("HTTP/1\\.[0-9] ([1-9][0-9][0-9])(?: .*)?");
    private static final Pattern CHUNK_SIZE = Pattern.compile("0*([0-9a-fA-F]{1,8})[ \\t]*(?:;.*)?");
    private static final Pattern LENGTH = Pattern.compile("[0-9]{1,18}");

    private final InputStream in;
    private int headLeft = LARGEST_HEAD;

    AnswerReader(InputStream in) {
        this.in = new BufferedInputStream(in);
    }

    /**
     * Blocks until the answer is there, as far as it is read.
     *
     * @param method of the request
     * @throws IOException when it is no answer of HTTP/1.1 or ends too early, with a message in words of ours
     */
    Answer read(String method) throws IOException {
        for (int interim = 0; interim <= MOST_INTERIM; interim++) {
            int status = status();
            Map<String, List<String>> headers = headers();
            if (status >= 200 || status == SWITCHING_PROTOCOLS) {
                byte[] body = hasBody(method, status) ? body(headers) : new byte[0];
                boolean isCut = body.length > LARGEST_BODY;
                return new Answer(
                        status,
                        first(headers, "content-type"),
                        first(headers, "content-encoding"),
                        first(headers, "location"),
                        new String(body, 0, Math.min(body.length, LARGEST_BODY), UTF_8),
                        isCut);
            }
        }
        throw new IOException("only interim answers (status 1xx), more than " + MOST_INTERIM);
    }

    private int status() throws IOException {
        in.mark(1);
        int first = in.read();
        if (first < 0) {
            throw new IOException("the connection was closed without an answer");
        }
        if (first == TLS_ALERT) {
            throw new IOException("TLS is spoken there: ask by https");
        }
        in.reset();
        var line = STATUS_LINE.matcher(line());
        if (!line.matches()) {
            throw new IOException("what answers there does not speak HTTP/1.1");
        }
        return Integer.parseInt(line.group(1));
    }

    /** By their names in lower case. */
    private Map<String, List<String>> headers() throws IOException {
        Map<String, List<String>> headers = new TreeMap<>();
        for (int count = 0; count <= MOST_LINES; count++) {
            String line = line();
            if (line.isEmpty()) {
                return headers;
            }
            int colon = line.indexOf(':');
            boolean continues = line.charAt(0) == ' ' || line.charAt(0) == '\t';
            if (colon < 1 && !continues) {
                throw new IOException("the answer's head is damaged: a line is no header");
            }
            if (!continues) {
                headers.computeIfAbsent(
                                line.substring(0, colon).strip().toLowerCase(Locale.ROOT), _ -> new ArrayList<>())
                        .add(line.substring(colon + 1).strip());
            }
        }
        throw new IOException("the answer has more than %d header lines".formatted(MOST_LINES));
    }

    private static String first(Map<String, List<String>> headers, String name) {
        return headers.getOrDefault(name, List.of("")).getFirst();
    }

    private static boolean hasBody(String method, int status) {
        return !method.equals("HEAD") && status >= 200 && status != 204 && status != 304;
    }

    /** One byte more than {@link #LARGEST_BODY} when it is longer than that. */
    private byte[] body(Map<String, List<String>> headers) throws IOException {
        List<String> encodings = headers.getOrDefault("transfer-encoding", List.of());
        if (!encodings.isEmpty()) {
            return encodings.getLast().toLowerCase(Locale.ROOT).endsWith("chunked")
                    ? chunks()
                    : in.readNBytes(LARGEST_BODY + 1);
        }
        List<String> lengths = headers.getOrDefault("content-length", List.of()).stream()
                .flatMap(value -> Pattern.compile(",").splitAsStream(value))
                .map(String::strip)
                .distinct()
                .toList();
        if (lengths.isEmpty()) {
            return in.readNBytes(LARGEST_BODY + 1);
        }
        if (lengths.size() > 1) {
            throw new IOException("the answer has several Content-Length that differ");
        }
        if (!LENGTH.matcher(lengths.getFirst()).matches()) {
            throw new IOException("the answer's Content-Length is no number of bytes");
        }
        long length = Long.parseLong(lengths.getFirst());
        byte[] body = in.readNBytes((int) Math.min(length, LARGEST_BODY + 1));
        if (body.length < Math.min(length, LARGEST_BODY + 1)) {
            throw new IOException("the answer's body ended after %d of %d bytes".formatted(body.length, length));
        }
        return body;
    }

    private byte[] chunks() throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        headLeft = Integer.MAX_VALUE;
        while (body.size() <= LARGEST_BODY) {
            var line = CHUNK_SIZE.matcher(line());
            if (!line.matches()) {
                throw new IOException("the answer's chunks are damaged: a size is none");
            }
            long size = Long.parseLong(line.group(1), 16);
            if (size == 0) {
                // What follows are trailers, which nobody here asks for.
                break;
            }
            long wanted = Math.min(size, LARGEST_BODY + 1 - body.size());
            byte[] chunk = in.readNBytes((int) wanted);
            body.writeBytes(chunk);
            if (chunk.length < wanted) {
                throw new IOException("the answer's body ended in the middle of a chunk");
            }
            if (wanted == size && !line().isEmpty()) {
                throw new IOException("the answer's chunks are damaged: one is longer than its size");
            }
        }
        return body.toByteArray();
    }

    /** Without its end, which is CR LF or, from the careless, LF. */
    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new IOException("the connection was closed in the middle of an answer");
            }
            if (line.size() == LONGEST_LINE) {
                throw new IOException("the answer has a line of more than %d bytes".formatted(LONGEST_LINE));
            }
            if (--headLeft < 0) {
                throw new IOException("the answer's head is longer than %d bytes".formatted(LARGEST_HEAD));
            }
            line.write(next);
        }
        return line.toString(UTF_8).stripTrailing();
    }
}
