import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Date;

/** GitLab's keys and API, Vault and the application's health URL on one port, by their paths. */
final class Services implements AutoCloseable {
    private final HttpServer server;
    private final RSAKey key;
    private String sha = "";

    Services() throws IOException, JOSEException {
        key = new RSAKeyGenerator(2048).keyID("training").generate();
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** The ID token of the job in response.json, of which {@code commit} is the commit; its version is healthy from now on. */
    String idToken(String commit) throws JOSEException {
        sha = commit;
        Instant now = Instant.now();
        var claims = new JWTClaimsSet.Builder()
                .issuer(url())
                .audience("gitops-executor")
                .issueTime(Date.from(now))
                .jwtID("training-" + now.getEpochSecond())
                .notBeforeTime(Date.from(now))
                .expirationTime(Date.from(now.plusSeconds(600)))
                .claim("job_id", "1")
                .claim("pipeline_id", "7")
                .claim("pipeline_source", "push")
                .claim("project_id", "22")
                .claim("project_path", "acme/shop")
                .claim("user_id", "5")
                .claim("user_login", "alex")
                .claim("runner_id", 12)
                .claim("ref", "main")
                .claim("ref_type", "branch")
                .claim("ref_path", "refs/heads/main")
                .claim("ref_protected", "true")
                .claim("sha", sha)
                .claim("ci_config_ref_uri", "gitlab/acme/shop//.gitlab-ci.yml@refs/heads/main")
                .claim("ci_config_sha", sha)
                .claim("environment", "staging")
                .claim("environment_action", "start")
                .claim("deployment_tier", "staging")
                .build();
        var header = new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("training").build();
        SignedJWT token = new SignedJWT(header, claims);
        token.sign(new RSASSASigner(key));
        return token.serialize();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            byte[] body = body(exchange.getRequestURI().getPath()).getBytes(UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(body.length == 0 ? 204 : 200, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private String body(String path) {
        return switch (path) {
            case "/oauth/discovery/keys" -> new JWKSet(key).toString();
            case "/api/v4/job" ->
                ("{\"id\": 1, \"status\": \"running\", \"user\": {\"id\": 5}, \"pipeline\": {\"id\": 7},"
                                + " \"commit\": {\"id\": \"%s\"}, \"runner\": {\"id\": 12}}")
                        .formatted(sha);
            case "/api/v4/projects/22/deployments" ->
                ("[{\"id\": 1, \"sha\": \"%s\", \"environment\": {\"name\": \"staging\"}, \"deployable\": {\"id\": 1},"
                                + " \"pending_approval_count\": 0}]")
                        .formatted(sha);
            case "/health" -> "{\"version\": \"%s\"}".formatted(sha.substring(0, 8));
            case "/v1/auth/jwt/login" ->
                "{\"renewable\": false, \"auth\": {\"client_token\": \"training-token\", \"accessor\": \"training\","
                        + " \"lease_duration\": 60, \"renewable\": false, \"policies\": []}}";
            case "/v1/kv/data/shop/staging" -> secret("\"password\": \"training-password\"");
            case "/v1/kv/data/shop/registry" -> secret("\"username\": \"shop\", \"password\": \"training-registry\"");
            default -> "";
        };
    }

    private static String secret(String values) {
        return "{\"data\": {\"data\": {%s}, \"metadata\": {\"version\": 1, \"created_time\": \"2026-01-01T00:00:00Z\"}}}"
                .formatted(values);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
