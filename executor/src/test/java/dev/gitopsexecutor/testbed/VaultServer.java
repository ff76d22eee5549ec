package dev.gitopsexecutor.testbed;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** A real Vault server in memory, set up for one GitLab: JWT login with bound claims, KV v2 secrets, an audit file. */
public final class VaultServer {
    public static final String AUTH_MOUNT = "jwt";
    public static final String KV_MOUNT = "kv";
    private static final String OWN_ROLE = "gitops-executor";

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final String address;
    private final String rootToken;
    private final Path directory;
    private final HttpClient client = HttpClient.newHttpClient();

    private VaultServer(Process process, String address, String rootToken, Path directory) {
        this.process = process;
        this.address = address;
        this.rootToken = rootToken;
        this.directory = directory;
    }

    /** Blocks until it answers. */
    static VaultServer start(WorldDirectory world, String rootToken) throws IOException {
        Path directory = world.directory("vault");
        Path config = directory.resolve("audit.hcl");
        Files.writeString(
                config,
                "audit \"file\" \"file\" { options { file_path = \"%s\" } }%n"
                        .formatted(directory.resolve("audit.log")));
        String listen = "127.0.0.1:" + FreePort.pick();
        Process process = new ProcessBuilder(
                        bao(),
                        "server",
                        "-dev",
                        "-dev-no-store-token",
                        "-dev-root-token-id=" + rootToken,
                        "-dev-listen-address=" + listen,
                        "-config=" + config)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("server.log").toFile())
                .start();
        world.remember(process);
        VaultServer vault = new VaultServer(process, "http://" + listen, rootToken, directory);
        Awaitility.await("Vault at " + listen)
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(50))
                .ignoreExceptions()
                .until(() -> vault.call("GET", "sys/mounts", Map.of()).has("data"));
        return vault;
    }

    private static String bao() {
        String path = System.getenv("GITOPS_BAO");
        if (path == null) {
            throw new TestbedException("GITOPS_BAO does not say where the Vault server is: start with scripts/test");
        }
        return path;
    }

    void configure(String issuer, String jwksUrl) {
        call("POST", "sys/auth/" + AUTH_MOUNT, Map.of("type", "jwt"));
        call("POST", "auth/" + AUTH_MOUNT + "/config", Map.of("jwks_url", jwksUrl, "bound_issuer", issuer));
        configureOwnIdentity();
        call("POST", "sys/mounts/" + KV_MOUNT, Map.of("type", "kv", "options", Map.of("version", "2")));
    }

    /** The AppRole of executors, with what docs/install.md lets it do. */
    private void configureOwnIdentity() {
        call("POST", "sys/auth/approle", Map.of("type", "approle"));
        call("PUT", "sys/policies/acl/" + OWN_ROLE, Map.of("policy", """
                path "auth/token/revoke-accessor" { capabilities = ["update"] }
                path "auth/token/renew-accessor" { capabilities = ["update"] }
                path "sys/leases/renew" { capabilities = ["update"] }
                path "ssh/sign/+" { capabilities = ["update"] }
                path "kv/metadata/shop/*" { capabilities = ["read"] }
                path "kv/data/shop/*" { capabilities = ["read", "update"] }
                path "kv/destroy/shop/*" { capabilities = ["update"] }
                """));
        call(
                "POST",
                "auth/approle/role/" + OWN_ROLE,
                Map.of(
                        "token_policies",
                        List.of(OWN_ROLE),
                        "token_ttl",
                        "5m",
                        "token_bound_cidrs",
                        List.of("127.0.0.0/8")));
    }

    String roleId() {
        return call("GET", "auth/approle/role/%s/role-id".formatted(OWN_ROLE), Map.of())
                .at("/data/role_id")
                .asText();
    }

    /** One at a time: OpenBao answers 500, "transaction commit failed", to two at once for one role. */
    synchronized String newSecretId() {
        return call("POST", "auth/approle/role/%s/secret-id".formatted(OWN_ROLE), Map.of())
                .at("/data/secret_id")
                .asText();
    }

    /** What else the policy of a role from {@link #allow} allows, in HCL. */
    public void allowMore(String role, String policy) {
        String before = call("GET", "sys/policies/acl/" + role, Map.of())
                .at("/data/policy")
                .asText();
        call("PUT", "sys/policies/acl/" + role, Map.of("policy", before + policy));
    }

    /** A role like that of {@link #allow} with another name, policy and life. */
    public void allowLike(String role, String name, String policy, String ttl) {
        Map<String, Object> like = new HashMap<>();
        call("GET", "auth/%s/role/%s".formatted(AUTH_MOUNT, role), Map.of())
                .path("data")
                .properties()
                .forEach(entry -> like.put(entry.getKey(), JSON.convertValue(entry.getValue(), Object.class)));
        call("PUT", "sys/policies/acl/" + name, Map.of("policy", policy));
        like.put("token_policies", List.of(name));
        like.put("token_ttl", ttl);
        like.put("token_max_ttl", "0");
        like.put("token_explicit_max_ttl", "720h");
        call("POST", "auth/%s/role/%s".formatted(AUTH_MOUNT, name), like);
    }

    /** A role that only jobs of this project on protected refs for this environment can use, and what it may read. */
    public void allow(String role, String audience, long projectId, String environment, List<String> paths) {
        StringBuilder policy = new StringBuilder();
        for (String path : paths) {
            policy.append("path \"%s/data/%s\" { capabilities = [\"read\"] }%n".formatted(KV_MOUNT, path));
            policy.append("path \"%s/data/%s/*\" { capabilities = [\"read\"] }%n".formatted(KV_MOUNT, path));
        }
        call("PUT", "sys/policies/acl/" + role, Map.of("policy", policy.toString()));
        call(
                "POST",
                "auth/" + AUTH_MOUNT + "/role/" + role,
                Map.of(
                        "role_type", "jwt",
                        "user_claim", "project_id",
                        "bound_audiences", List.of(audience),
                        "bound_claims",
                                Map.of(
                                        "project_id",
                                        Long.toString(projectId),
                                        "ref_protected",
                                        "true",
                                        "environment",
                                        environment),
                        "token_policies", List.of(role),
                        "token_type", "service",
                        "token_ttl", "5m",
                        "token_explicit_max_ttl", "10m",
                        "token_bound_cidrs", List.of("127.0.0.0/8")));
    }

    /** A new version of the secret. */
    public void write(String path, Map<String, String> values) {
        call("POST", KV_MOUNT + "/data/" + path, Map.of("data", values));
    }

    /** The newest version of it. */
    public Map<String, String> read(String path) {
        Map<String, String> values = new HashMap<>();
        call("GET", KV_MOUNT + "/data/" + path, Map.of())
                .at("/data/data")
                .properties()
                .forEach(entry -> values.put(entry.getKey(), entry.getValue().asText()));
        return values;
    }

    /** All versions of it, as if it had never been. */
    public void delete(String path) {
        call("DELETE", KV_MOUNT + "/metadata/" + path, Map.of());
    }

    /** Every further request is refused with 503, until {@link #unseal}. */
    public void seal() {
        call("PUT", "sys/seal", Map.of());
    }

    public void unseal() throws IOException {
        String key = Files.readAllLines(directory.resolve("server.log")).stream()
                .filter(line -> line.startsWith("Unseal Key: "))
                .map(line -> line.substring("Unseal Key: ".length()).strip())
                .findFirst()
                .orElseThrow(() -> new TestbedException("the Vault server did not print its unseal key"));
        call("PUT", "sys/unseal", Map.of("key", key));
    }

    /** The paths that were asked for so far by anybody but the testbed itself, logins included. */
    public List<String> requests() throws IOException {
        return Files.readAllLines(directory.resolve("audit.log")).stream()
                .map(VaultServer::parse)
                .filter(line -> line.path("type").asText().equals("request"))
                .filter(line -> !line.path("auth").path("display_name").asText().equals("root"))
                .map(line -> line.path("request").path("path").asText())
                .toList();
    }

    /** Accessors of all tokens that are alive, the testbed's own included. */
    public List<String> tokenAccessors() {
        List<String> accessors = new java.util.ArrayList<>();
        call("LIST", "auth/token/accessors", Map.of())
                .path("data")
                .path("keys")
                .forEach(key -> accessors.add(key.asText()));
        return accessors;
    }

    public String address() {
        return address;
    }

    public String rootToken() {
        return rootToken;
    }

    /**
     * One call of the HTTP API with the root token.
     *
     * @throws TestbedException when the answer is not a success
     */
    public JsonNode call(String method, String path, Map<String, ?> body) {
        try {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(URI.create(address + "/v1/" + path))
                            .header("X-Vault-Token", rootToken)
                            .timeout(Duration.ofSeconds(10))
                            .method(method, HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() / 100 != 2) {
                throw new TestbedException("%s %s: %d %s".formatted(method, path, answer.statusCode(), answer.body()));
            }
            return parse(answer.body());
        } catch (IOException failure) {
            throw new TestbedException(method + " " + path, failure);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new TestbedException(method + " " + path + " was interrupted", stop);
        }
    }

    private static JsonNode parse(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException notJson) {
            throw new TestbedException("not JSON: " + text, notJson);
        }
    }

    void close() {
        client.close();
        process.destroy();
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
    }
}
