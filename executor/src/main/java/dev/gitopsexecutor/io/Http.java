package dev.gitopsexecutor.io;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** HTTP with the limits that every call of ours has: a deadline, no redirects, a largest body, a pinned CA. */
public final class Http implements AutoCloseable {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

    private final HttpClient client;

    /**
     * An answer of any status; 3xx is not followed.
     *
     * @param headers by their names, in whatever case
     */
    public record Answer(int status, String body, Map<String, List<String>> headers) {
        /** The first value of that header. */
        public Optional<String> header(String name) {
            return headers.getOrDefault(name, List.of()).stream().findFirst();
        }
    }

    private Http(HttpClient client) {
        this.client = client;
    }

    /** Trusts the system's CAs, or {@code caFile} (PEM, one or more certificates) alone where it is given. */
    public static Http open(Optional<Path> caFile) throws IOException {
        HttpClient.Builder builder = HttpClient.newBuilder()
                .connectTimeout(CONNECT_TIMEOUT)
                .followRedirects(HttpClient.Redirect.NEVER)
                .version(HttpClient.Version.HTTP_1_1);
        if (caFile.isPresent()) {
            builder.sslContext(Trust.ofCaFile(caFile.get()));
        }
        return new Http(builder.build());
    }

    /** The client itself, for a library that wants one. */
    public HttpClient client() {
        return client;
    }

    /**
     * Blocks until the whole answer is there.
     *
     * @param timeout for everything from connecting to the body's last byte
     * @param limit of the body in bytes
     * @throws IOException when there is no whole answer in time or its body is larger than {@code limit}
     */
    public Answer get(URI uri, Map<String, String> headers, Duration timeout, int limit)
            throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(uri).GET(), headers, timeout, limit);
    }

    /** As {@link #get}, with JSON in the request. */
    public Answer postJson(URI uri, Map<String, String> headers, String json, Duration timeout, int limit)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .POST(HttpRequest.BodyPublishers.ofString(json))
                .header("Content-Type", "application/json");
        return send(request, headers, timeout, limit);
    }

    private Answer send(HttpRequest.Builder request, Map<String, String> headers, Duration timeout, int limit)
            throws IOException, InterruptedException {
        headers.forEach(request::header);
        var limited = HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofString(), limit);
        CompletableFuture<HttpResponse<String>> pending = client.sendAsync(request.build(), limited);
        try {
            HttpResponse<String> response = pending.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            return new Answer(
                    response.statusCode(), response.body(), response.headers().map());
        } catch (TimeoutException late) {
            throw new HttpTimeoutException("no whole answer in " + timeout.toMillis() + " ms");
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw new IOException(failed.getCause());
        } finally {
            pending.cancel(true);
        }
    }

    /** Whether nobody was there to answer, as opposed to an answer that is none. */
    public static boolean isUnanswered(IOException failed) {
        return failed instanceof ConnectException || failed instanceof HttpTimeoutException;
    }

    /** Why there was no answer, in words that may be printed. */
    public static String saw(Exception failed) {
        if (failed instanceof ConnectException && failed.getMessage() == null) {
            return "nobody listens there";
        }
        return failed.getMessage() == null ? failed.getClass().getSimpleName() : failed.getMessage();
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
