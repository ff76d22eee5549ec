package dev.gitopsexecutor.testbed;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Stands before a Vault server and lets nobody read a KV secret, so that a job waits in the midst of it. */
public final class VaultProxy implements AutoCloseable {
    private static final List<String> HEADERS = List.of("X-Vault-Token", "X-Vault-Request", "Content-Type");

    private final HttpServer server;
    private final HttpClient client = HttpClient.newHttpClient();
    private final VaultServer vault;
    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);

    private VaultProxy(HttpServer server, VaultServer vault) {
        this.server = server;
        this.vault = vault;
    }

    public static VaultProxy before(VaultServer vault) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        VaultProxy proxy = new VaultProxy(server, vault);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", proxy::answer);
        server.start();
        return proxy;
    }

    public String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** Blocks until somebody wants to read. */
    public void awaitReader() throws InterruptedException {
        if (!reached.await(60, TimeUnit.SECONDS)) {
            throw new TestbedException("nobody has read a secret in time");
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (exchange.getRequestURI().getPath().startsWith("/v1/kv/data/")) {
                reached.countDown();
                closed.await();
                return;
            }
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(vault.address() + exchange.getRequestURI()))
                    .method(
                            exchange.getRequestMethod(),
                            HttpRequest.BodyPublishers.ofByteArray(
                                    exchange.getRequestBody().readAllBytes()));
            HEADERS.forEach(name -> exchange.getRequestHeaders()
                    .getOrDefault(name, List.of())
                    .forEach(value -> request.header(name, value)));
            HttpResponse<byte[]> answer = client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(answer.statusCode(), answer.body().length == 0 ? -1 : answer.body().length);
            exchange.getResponseBody().write(answer.body());
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        client.close();
    }
}
