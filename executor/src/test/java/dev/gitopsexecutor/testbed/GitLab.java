package dev.gitopsexecutor.testbed;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;

/** What the executor and Vault need of a GitLab: JWKS, discovery, the job API, repositories over HTTP. */
public final class GitLab {
    /** With the scope read_api. */
    static final String ACCESS_TOKEN = "glpat-testbed-read-api";

    private static final ObjectMapper JSON = new ObjectMapper();

    private final List<HttpServer> servers;
    private final String url;
    private final String containerUrl;
    private final GitBackend git;
    private final SigningKeys keys = new SigningKeys();
    private final JobApi api = new JobApi(ACCESS_TOKEN);
    private final Map<String, Integer> failing = new ConcurrentHashMap<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();

    private GitLab(List<HttpServer> servers, String gateway, Path repositories) {
        this.servers = servers;
        int port = servers.getFirst().getAddress().getPort();
        this.url = "http://127.0.0.1:" + port;
        this.containerUrl = "http://" + gateway + ":" + port;
        this.git = new GitBackend(repositories);
    }

    /**
     * Listens on loopback and, on the same port, where containers reach this machine.
     *
     * @param repositories holds `group/name.git`
     */
    static GitLab start(String gateway, Path repositories) throws IOException {
        int port = FreePort.pick();
        List<HttpServer> servers = List.of(
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0),
                HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral(gateway), port), 0));
        GitLab gitLab = new GitLab(servers, gateway, repositories);
        for (HttpServer server : servers) {
            server.createContext("/", gitLab::answer);
            server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            server.start();
        }
        return gitLab;
    }

    /** Also the issuer of its tokens. */
    public String url() {
        return url;
    }

    public String jwksUrl() {
        return url + "/oauth/discovery/keys";
    }

    /** As the helper container sees it, with the job's token. */
    public String repositoryUrl(String project, String jobToken) {
        return containerUrl.replace("://", "://gitlab-ci-token:" + jobToken + "@") + "/" + project + ".git";
    }

    public SigningKeys keys() {
        return keys;
    }

    /** What it says of jobs. */
    public JobApi api() {
        return api;
    }

    /** The claims of this job's token, to be changed by a test before it is signed. */
    public IdToken idToken(RunnerJob job, String audience) {
        return IdToken.of(job, url, audience, Instant.now());
    }

    /** From now on answers every path with this prefix with that status. */
    public void fail(String pathPrefix, int status) {
        failing.put(pathPrefix, status);
    }

    /** Ends every {@link #fail}. */
    public void recover() {
        failing.clear();
    }

    /** The paths that were asked for so far, in their order. */
    public List<String> requests() {
        return List.copyOf(requests);
    }

    public void forgetRequests() {
        requests.clear();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            requests.add(path);
            int failure = failing.entrySet().stream()
                    .filter(entry -> path.startsWith(entry.getKey()))
                    .findFirst()
                    .map(Map.Entry::getValue)
                    .orElse(0);
            if (failure != 0) {
                send(exchange, failure, Map.of("message", "made to fail"));
            } else {
                route(exchange, path);
            }
        }
    }

    private void route(HttpExchange exchange, String path) throws IOException {
        switch (path) {
            case "/oauth/discovery/keys" -> {
                exchange.getResponseHeaders().add("Cache-Control", "max-age=86400, public");
                send(exchange, 200, JSON.readTree(keys.jwks()));
            }
            case "/.well-known/openid-configuration" ->
                send(
                        exchange,
                        200,
                        Map.of(
                                "issuer", url,
                                "jwks_uri", jwksUrl(),
                                "id_token_signing_alg_values_supported", List.of("RS256")));
            default -> {
                Optional<JobApi.Answer> answer = api.answer(exchange);
                if (answer.isPresent()) {
                    send(exchange, answer.get().status(), answer.get().body());
                } else if (!path.contains(".git/")) {
                    send(exchange, 404, Map.of("message", "404 Not Found"));
                } else if (exchange.getRequestHeaders().getFirst("Authorization") == null) {
                    exchange.getResponseHeaders().add("WWW-Authenticate", "Basic realm=\"GitLab\"");
                    send(exchange, 401, Map.of("message", "HTTP Basic: Access denied"));
                } else {
                    git.answer(exchange);
                }
            }
        }
    }

    private static void send(HttpExchange exchange, int status, Object body) throws IOException {
        byte[] bytes = JSON.writeValueAsString(body).getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    void close() {
        servers.forEach(server -> server.stop(0));
    }
}
