package dev.gitopsexecutor.testbed;

import com.sun.net.httpserver.HttpExchange;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/** Bare repositories over HTTP, by git's own CGI program. */
final class GitBackend {
    private final Path root;

    /** @param root holds `group/name.git` */
    GitBackend(Path root) {
        this.root = root;
    }

    void answer(HttpExchange exchange) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder("git", "http-backend").redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().putAll(cgi(exchange));
        Process process = builder.start();
        try (InputStream body = exchange.getRequestBody();
                OutputStream stdin = process.getOutputStream()) {
            body.transferTo(stdin);
        }
        try (InputStream stdout = new BufferedInputStream(process.getInputStream())) {
            int status = copyHeaders(stdout, exchange);
            exchange.sendResponseHeaders(status, 0);
            stdout.transferTo(exchange.getResponseBody());
        } finally {
            process.destroy();
        }
    }

    private Map<String, String> cgi(HttpExchange exchange) {
        return Map.of(
                "GIT_PROJECT_ROOT", root.toString(),
                "GIT_HTTP_EXPORT_ALL", "1",
                "PATH_INFO", exchange.getRequestURI().getPath(),
                "QUERY_STRING", text(exchange.getRequestURI().getRawQuery()),
                "REQUEST_METHOD", exchange.getRequestMethod(),
                "CONTENT_TYPE", header(exchange, "Content-Type"),
                "HTTP_CONTENT_ENCODING", header(exchange, "Content-Encoding"),
                "GIT_PROTOCOL", header(exchange, "Git-Protocol"),
                "REMOTE_USER", "gitlab-ci-token");
    }

    private static String header(HttpExchange exchange, String name) {
        return text(exchange.getRequestHeaders().getFirst(name));
    }

    private static String text(@org.jspecify.annotations.Nullable String value) {
        return value == null ? "" : value;
    }

    /** Returns the status, which is a header in CGI. */
    private static int copyHeaders(InputStream stdout, HttpExchange exchange) throws IOException {
        int status = 200;
        for (String line = readLine(stdout); !line.isEmpty(); line = readLine(stdout)) {
            int colon = line.indexOf(':');
            String name = line.substring(0, colon);
            String value = line.substring(colon + 1).strip();
            if (name.toLowerCase(Locale.ROOT).equals("status")) {
                status = Integer.parseInt(value.substring(0, 3));
            } else {
                exchange.getResponseHeaders().add(name, value);
            }
        }
        return status;
    }

    private static String readLine(InputStream stream) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = stream.read(); c >= 0 && c != '\n'; c = stream.read()) {
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return new String(line.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }
}
