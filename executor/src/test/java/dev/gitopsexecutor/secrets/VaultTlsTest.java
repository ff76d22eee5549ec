package dev.gitopsexecutor.secrets;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.identity.TestIdentities;
import dev.gitopsexecutor.identity.VerifiedIdentity;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which servers are believed to be Vault. */
class VaultTlsTest {
    private static final VerifiedIdentity IDENTITY = TestIdentities.with(Map.of(), "the.id.token");
    private static final char[] PASSWORD = "password".toCharArray();
    private static final String GRANTED = """
            {"renewable": false, "auth": {"client_token": "s.clienttoken", "accessor": "acc", "policies": ["shop"],
             "lease_duration": 300, "renewable": true}}""";

    /** That were shown to a server. */
    private final List<String> tokens = Collections.synchronizedList(new ArrayList<>());

    @TempDir
    private Path directory;

    @Test
    void believesTheConfiguredCaAndNobodyElse() throws Exception {
        Path certificate = certificate("server", "ip:127.0.0.1");
        HttpsServer server = start("server");
        try {
            URI address = URI.create("https://127.0.0.1:" + server.getAddress().getPort());

            assertThat(vault(address, Optional.of(certificate)).login(IDENTITY, "shop"))
                    .isNotNull();
            assertRefused(address, Optional.empty());
            assertRefused(address, Optional.of(certificate("another", "ip:127.0.0.1")));
        } finally {
            server.stop(0);
        }
    }

    @Test
    void doesNotBelieveACertificateForAnotherName() throws Exception {
        Path certificate = certificate("server", "dns:vault.example.com");
        HttpsServer server = start("server");
        try {
            assertRefused(URI.create("https://127.0.0.1:" + server.getAddress().getPort()), Optional.of(certificate));
        } finally {
            server.stop(0);
        }
    }

    @Test
    void believesEachCaOfABundle() throws Exception {
        Path certificate = certificate("server", "ip:127.0.0.1");
        Path bundle = Files.writeString(
                directory.resolve("bundle.pem"),
                Files.readString(certificate("another", "ip:127.0.0.1")) + Files.readString(certificate));
        HttpsServer server = start("server");
        try {
            assertThat(vault(address(server), Optional.of(bundle)).login(IDENTITY, "shop"))
                    .isNotNull();
        } finally {
            server.stop(0);
        }
    }

    @Test
    void speaksTheNewestTls() throws Exception {
        Path certificate = certificate("server", "ip:127.0.0.1");
        HttpsServer server = start("server", "TLSv1.3");
        try {
            assertThat(vault(address(server), Optional.of(certificate)).login(IDENTITY, "shop"))
                    .isNotNull();
        } finally {
            server.stop(0);
        }
    }

    /** A process of its own: the environment cannot be changed in this one. */
    static final class Login {
        private Login() {}

        public static void main(String[] arguments) {
            Vault vault = vault(
                    Path.of(arguments[0]),
                    URI.create(arguments[1]),
                    Optional.of(arguments[2]).filter(name -> !name.isEmpty()).map(Path::of));
            try {
                vault.login(IDENTITY, "shop").close();
                System.out.println("in");
            } catch (ExecutorException refused) {
                System.out.println(refused.getMessage());
            }
        }
    }

    @Test
    void takesNothingFromTheEnvironment() throws Exception {
        Path certificate = certificate("server", "ip:127.0.0.1");
        HttpsServer server = start("server");
        try {
            assertThat(login(server, certificate.toString())).isEqualTo("in");
            assertThat(tokens).containsExactly("none", "s.clienttoken");
            assertThat(login(server, "")).startsWith("Cannot log in to Vault: TLS failed: ");
        } finally {
            server.stop(0);
        }
    }

    private String login(HttpsServer server, String caFile) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Login.class.getName(),
                        directory.toString(),
                        address(server).toString(),
                        caFile)
                .redirectErrorStream(true);
        builder.environment()
                .putAll(Map.of(
                        "VAULT_ADDR", "http://127.0.0.1:1",
                        "VAULT_TOKEN", "s.ambient",
                        "VAULT_SSL_VERIFY", "false",
                        "VAULT_SSL_CERT", directory.resolve("missing.pem").toString(),
                        "VAULT_OPEN_TIMEOUT", "1",
                        "VAULT_READ_TIMEOUT", "1"));
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output.strip();
    }

    private static URI address(HttpsServer server) {
        return URI.create("https://127.0.0.1:" + server.getAddress().getPort());
    }

    private Vault vault(URI address, Optional<Path> caFile) {
        return vault(directory, address, caFile);
    }

    private static Vault vault(Path state, URI address, Optional<Path> caFile) {
        return new Vault(
                new VaultSettings(address, "jwt", Optional.empty(), caFile, Optional.empty()),
                new HeldTokens(state),
                new Masker(),
                InstantSource.system());
    }

    private void assertRefused(URI address, Optional<Path> caFile) {
        var vault = vault(address, caFile);
        assertThatThrownBy(() -> vault.login(IDENTITY, "shop"))
                .hasMessageStartingWith("Cannot log in to Vault: TLS failed: ")
                .hasMessageEndingWith("[VAULT_UNREACHABLE]");
    }

    private HttpsServer start(String name) throws Exception {
        return start(name, "TLSv1.3", "TLSv1.2");
    }

    private HttpsServer start(String name, String... protocols) throws Exception {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store(name), PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters chosen = context.getDefaultSSLParameters();
                chosen.setProtocols(protocols);
                parameters.setSSLParameters(chosen);
            }
        });
        server.createContext("/", exchange -> {
            tokens.add(Optional.ofNullable(exchange.getRequestHeaders().getFirst("X-Vault-Token"))
                    .orElse("none"));
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, GRANTED.length());
            exchange.getResponseBody().write(GRANTED.getBytes(UTF_8));
            exchange.close();
        });
        server.start();
        return server;
    }

    /** A new key whose certificate, signed by itself, is in the returned PEM file. */
    private Path certificate(String name, String subject) throws Exception {
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/keytool").toString(),
                        "-genkeypair",
                        "-alias",
                        name,
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=" + name,
                        "-ext",
                        "SAN=" + subject,
                        "-storepass",
                        new String(PASSWORD),
                        "-keystore",
                        directory.resolve(name + ".p12").toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(keytool.getInputStream().readAllBytes(), UTF_8);
        assertThat(keytool.waitFor()).as(output).isZero();
        String pem = "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder()
                        .encodeToString(store(name).getCertificate(name).getEncoded())
                + "\n-----END CERTIFICATE-----\n";
        return Files.writeString(directory.resolve(name + ".pem"), pem);
    }

    private KeyStore store(String name) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream file = Files.newInputStream(directory.resolve(name + ".p12"))) {
            store.load(file, PASSWORD);
        }
        return store;
    }
}
