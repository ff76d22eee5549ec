package dev.gitopsexecutor.secrets;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.gitopsexecutor.failure.Blame;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.identity.TestIdentities;
import dev.gitopsexecutor.identity.VerifiedIdentity;
import dev.gitopsexecutor.model.EnvKey;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against a server that misbehaves in the ways that networks and proxies know. */
@Execution(ExecutionMode.CONCURRENT)
class VaultTest {
    private static final String TOKEN = "the.id.token";
    private static final VerifiedIdentity IDENTITY = TestIdentities.with(Map.of(), TOKEN);
    private static final String GRANTED = """
            {"renewable": false, "lease_duration": 0, "auth": {"client_token": "s.clienttoken", "accessor": "acc",
             "policies": ["shop"], "lease_duration": 300, "renewable": true}}""";
    private static final String SECRET = """
            {"data": {"data": {"key": "a-secret-value"},
             "metadata": {"version": 3, "created_time": "2026-11-24T03:49:07.529635557Z"}}}""";

    private static final Duration TEN_SECONDS = Duration.ofSeconds(10);

    @TempDir
    private Path state;

    private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
    private final List<Step> steps = Collections.synchronizedList(new ArrayList<>());
    private HttpServer server;

    /** What the server does with one request. */
    private interface Step {
        void answer(HttpExchange exchange) throws IOException;
    }

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " "
                    + exchange.getRequestHeaders().getOrDefault("X-Vault-Namespace", List.of()));
            exchange.getRequestBody().readAllBytes();
            steps.removeFirst().answer(exchange);
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void asksInItsNamespaceAndMount() {
        steps.add(json(200, GRANTED));
        steps.add(json(200, SECRET));
        steps.add(json(204, ""));

        VaultSession session = vault("team/jwt", Optional.of("platform"), Optional.empty(), TEN_SECONDS)
                .login(IDENTITY, "shop");
        assertThat(lookUp(session, "team/kv"))
                .isInstanceOfSatisfying(
                        KvAnswer.Found.class,
                        found -> assertThat(found.values()).containsEntry("key", SecretValue.of("a-secret-value")));
        session.close();

        assertThat(requests)
                .containsExactly(
                        "POST /v1/auth/team/jwt/login [platform]",
                        "GET /v1/team/kv/data/shop/staging [platform]",
                        "POST /v1/auth/token/revoke-self [platform]");
    }

    @ParameterizedTest
    @CsvSource({"500", "502", "503", "504", "429", "412"})
    void triesAgainWhereThatCanHelp(int status) {
        steps.add(json(status, "{\"errors\": []}"));
        steps.add(json(200, GRANTED));
        steps.add(json(status, "{\"errors\": []}"));
        steps.add(json(status, "{\"errors\": []}"));
        steps.add(json(200, SECRET));

        VaultSession session = login();

        assertThat(lookUp(session, "kv")).isInstanceOf(KvAnswer.Found.class);
        assertThat(requests).hasSize(5);
    }

    @ParameterizedTest
    @CsvSource({"400", "403", "404", "405"})
    void triesARefusedLoginOnlyOnce(int status) {
        steps.add(json(status, "{\"errors\": [\"secret words\"]}"));

        assertThatThrownBy(this::login)
                .hasMessage("Cannot log in to Vault: %d: the login was refused [VAULT_REFUSED]".formatted(status));
        assertThat(requests).hasSize(1);
    }

    @Test
    void saysThatVaultIsSealed() {
        for (int i = 0; i < 3; i++) {
            steps.add(json(503, "{\"errors\": [\"Vault is sealed\"]}"));
        }

        assertThatThrownBy(this::login).isInstanceOfSatisfying(ExecutorException.class, failed -> {
            assertThat(failed.blame()).isEqualTo(Blame.SYSTEM);
            assertThat(failed.failure().block()).isEqualTo("""
                    Cannot log in to Vault. [VAULT_UNREACHABLE]
                      on:   role shop of auth/jwt on %s
                      saw:  503: Vault is sealed
                      next: Unseal Vault.
                    """.formatted(address()));
        });
        assertThat(requests).hasSize(3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "307 | {} | 307, a redirect, which is not followed",
                "501 | {} | 501, a failure of the server",
                "200 | <html> | 200, with a body that is not Vault's",
                "200 | {} | 200, with a body that is not Vault's",
                "200 | {\"auth\": {}} | 200, with a body that is not Vault's",
                "200 | {\"auth\": null} | 200, with a body that is not Vault's",
            })
    void saysWhatAnsweredInstead(int status, String body, String saw) {
        steps.add(json(status, body));

        assertThatThrownBy(this::login).isInstanceOfSatisfying(ExecutorException.class, failed -> {
            assertThat(failed.code()).isEqualTo(FailureCode.VAULT_UNREACHABLE);
            assertThat(failed.failure().saw()).isEqualTo(saw);
        });
        assertThat(requests).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"data\": {\"key\": \"a-secret-value\"}}",
                "{\"data\": {\"data\": {\"key\": \"a-secret-value\"}}}",
                "a-secret-value",
                "{}",
            })
    void readsNoSecretFromAnythingElse(String body) {
        steps.add(json(200, GRANTED));
        steps.add(json(200, body));
        VaultSession session = login();

        assertThatThrownBy(() -> lookUp(session, "kv"))
                .hasMessage("Cannot read a secret from Vault: 200, but no secret of a KV engine of version 2"
                        + " [VAULT_REFUSED]");
    }

    @Test
    void putsNoAnswerOfVaultIntoAFailure() {
        for (int status : new int[] {400, 501, 200}) {
            steps.add(json(status, "{\"errors\": [\"s3cr3t in the answer\"], \"x\": \"s3cr3t\"}"));
            assertThatThrownBy(this::login)
                    .satisfies(failed -> assertThat(stackTrace(failed))
                            .doesNotContain("s3cr3t")
                            .doesNotContain(TOKEN));
        }
    }

    @Test
    void saysThatNobodyListens() {
        server.stop(0);

        assertThatThrownBy(this::login).isInstanceOfSatisfying(ExecutorException.class, failed -> {
            assertThat(failed.code()).isEqualTo(FailureCode.VAULT_UNREACHABLE);
            assertThat(failed.failure().saw()).startsWith("no connection: ");
        });
    }

    @Test
    void saysThatTheCaFileIsMissing() {
        Vault vault = vault("jwt", Optional.empty(), Optional.of(Path.of("/nonexistent/ca.pem")), TEN_SECONDS);

        assertThatThrownBy(() -> vault.login(IDENTITY, "shop"))
                .hasMessage("Cannot read the CA of Vault: java.nio.file.NoSuchFileException: /nonexistent/ca.pem"
                        + " [CONFIG_INVALID]");
    }

    @Test
    void givesUpOnAnAnswerThatDoesNotEnd() {
        steps.add(exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, 1000);
            exchange.getResponseBody().write("{".getBytes(UTF_8));
            exchange.getResponseBody().flush();
        });

        Vault vault = vault("jwt", Optional.empty(), Optional.empty(), Duration.ofSeconds(1));
        assertThatThrownBy(() -> vault.login(IDENTITY, "shop"))
                .hasMessage("Cannot log in to Vault: no whole answer in 1 s [VAULT_UNREACHABLE]");
    }

    @Test
    void warnsWhenRevokingFails() {
        steps.add(json(200, GRANTED));
        steps.add(json(403, "{\"errors\": [\"permission denied\"]}"));

        assertThat(login().revoke()).contains("Vault answered 403 to revoke-self; its policy must allow that");
    }

    @Test
    void asksOncePerPathThoughReleaseAndRegistryNameTheSame() {
        steps.add(json(200, GRANTED));
        steps.add(json(200, credential("long-enough")));
        VaultSession session = login();
        SecretReader reader = reader(session);

        reader.read(new TreeMap<>(Map.of(new EnvKey("REGISTRY"), SecretRef.parse("shop/registry#password"))));
        reader.readCredential("shop/registry");

        assertThat(requests).hasSize(2);
        assertThat(session.versions()).extracting(SecretVersion::path).containsExactly("shop/registry");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "404 | {} | shop/registry does not exist",
                "200 | {'username': 'ci'} | it has no key \"password\"; it has username",
                "200 | {'password': 'long-enough'} | it has no key \"username\"; it has password",
                "200 | {'username': 'ci', 'password': 'short'} | the password has fewer than 8 characters, too few to be"
                        + " masked in logs",
            },
            quoteCharacter = '`')
    void blamesNoJobForTheCredentialThatThePolicyNames(int status, String data, String saw) {
        steps.add(json(200, GRANTED));
        steps.add(json(status, status == 404 ? "{\"errors\": []}" : secret(data.replace('\'', '"'))));
        SecretReader reader = reader(login());

        assertThatThrownBy(() -> reader.readCredential("shop/registry"))
                .isInstanceOfSatisfying(ExecutorException.class, failed -> {
                    assertThat(failed.blame()).isEqualTo(Blame.SYSTEM);
                    assertThat(failed.code()).isEqualTo(FailureCode.REGISTRY_CREDENTIAL_UNUSABLE);
                    assertThat(failed.failure().on()).isEqualTo("kv/shop/registry in Vault");
                    assertThat(failed.failure().saw()).isEqualTo(saw);
                });
    }

    @Test
    void refusesPathsThatClimb() {
        steps.add(json(200, GRANTED));
        VaultSession session = login();

        assertThatThrownBy(() -> session.lookUp(new KvEngine("kv", 2), "../sys/mounts", OptionalLong.empty()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(requests).hasSize(1);
    }

    private static SecretReader reader(VaultSession session) {
        return new SecretReader(
                session,
                Optional.empty(),
                new SecretScope(new KvEngine("kv", 2), List.of("shop"), List.of(), false),
                new Masker());
    }

    private static String credential(String password) {
        return secret("{\"username\": \"ci\", \"password\": \"%s\"}".formatted(password));
    }

    private static String secret(String data) {
        return SECRET.replace("{\"key\": \"a-secret-value\"}", data);
    }

    private VaultSession login() {
        return vault("jwt", Optional.empty(), Optional.empty(), TEN_SECONDS).login(IDENTITY, "shop");
    }

    private URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    private static KvAnswer lookUp(VaultSession session, String mount) {
        return session.lookUp(new KvEngine(mount, 2), "shop/staging", OptionalLong.empty());
    }

    private Vault vault(String mount, Optional<String> namespace, Optional<Path> caFile, Duration timeout) {
        return new Vault(
                new VaultSettings(address(), mount, namespace, caFile, Optional.empty()),
                new HeldTokens(state),
                new Masker(),
                InstantSource.system(),
                timeout);
    }

    private static Step json(int status, String body) {
        return exchange -> {
            byte[] bytes = body.getBytes(UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            if (bytes.length > 0) {
                exchange.getResponseBody().write(bytes);
            }
            exchange.close();
        };
    }

    private static String stackTrace(Throwable failed) {
        StringWriter text = new StringWriter();
        failed.printStackTrace(new PrintWriter(text));
        return text.toString();
    }
}
