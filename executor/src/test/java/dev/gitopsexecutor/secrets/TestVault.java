package dev.gitopsexecutor.secrets;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;

/** A real Vault server in memory, of the program that {@code GITOPS_BAO} names. */
final class TestVault implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final URI address;
    private final HttpClient client = HttpClient.newHttpClient();

    private TestVault(Process process, URI address) {
        this.process = process;
        this.address = address;
    }

    static TestVault start(String program) throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        String listen = "127.0.0.1:" + port;
        Process process = new ProcessBuilder(
                        program,
                        "server",
                        "-dev",
                        "-dev-no-store-token",
                        "-dev-root-token-id=root",
                        "-dev-listen-address=" + listen)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        TestVault vault = new TestVault(process, URI.create("http://" + listen));
        Awaitility.await("Vault")
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(50))
                .ignoreExceptions()
                .until(() -> vault.send("GET", "sys/mounts", Map.of()).statusCode() == 200);
        return vault;
    }

    VaultSettings settings() {
        return settings("jwt");
    }

    VaultSettings settings(String authMount) {
        return new VaultSettings(address, authMount, Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** Of all tokens that are alive. */
    List<String> accessors() {
        return call("LIST", "auth/token/accessors", Map.of())
                .at("/data/keys")
                .valueStream()
                .map(JsonNode::textValue)
                .toList();
    }

    JsonNode call(String method, String path, Map<String, ?> body) {
        try {
            HttpResponse<String> answer = send(method, path, body);
            assertThat(answer.statusCode())
                    .as(method + " " + path + ": " + answer.body())
                    .isBetween(200, 204);
            return JSON.readTree(answer.body().isEmpty() ? "{}" : answer.body());
        } catch (IOException failed) {
            throw new AssertionError(failed);
        }
    }

    HttpResponse<String> send(String method, String path, Map<String, ?> body) throws IOException {
        var publisher = body.isEmpty()
                ? HttpRequest.BodyPublishers.noBody()
                : HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body));
        try {
            return client.send(
                    HttpRequest.newBuilder(address.resolve("/v1/" + path))
                            .header("X-Vault-Token", "root")
                            .method(method, publisher)
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
        process.destroyForcibly().onExit().join();
    }
}
