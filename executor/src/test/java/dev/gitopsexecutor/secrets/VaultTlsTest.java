package dev.gitopsexecutor.secrets;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.gitopsexecutor.identity.TestIdentities;
import dev.gitopsexecutor.identity.VerifiedIdentity;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which servers are believed to be Vault. */
class VaultTlsTest {
    private static final VerifiedIdentity IDENTITY = TestIdentities.with(Map.of(), "the.id.token");
    private static final char[] PASSWORD = "password".toCharArray();
    private static final String GRANTED = """
            {"renewable": false, "auth": {"client_token": "s.clienttoken", "accessor": "acc", "policies": ["shop"],
             "lease_duration": 300, "renewable": true}}""";

    @TempDir
    private Path directory;

    @Test
    void believesTheConfiguredCaAndNobodyElse() throws Exception {
        Path certificate = certificate("server", "ip:127.0.0.1");
        HttpsServer server = start("server");
        try {
            URI address = URI.create("https://127.0.0.1:" + server.getAddress().getPort());

            assertThat(new Vault(new VaultSettings(address, "jwt", Optional.empty(), Optional.of(certificate)))
                            .login(IDENTITY, "shop"))
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

    private static void assertRefused(URI address, Optional<Path> caFile) {
        var vault = new Vault(new VaultSettings(address, "jwt", Optional.empty(), caFile));
        assertThatThrownBy(() -> vault.login(IDENTITY, "shop"))
                .hasMessageStartingWith("Cannot log in to Vault: TLS failed: ")
                .hasMessageEndingWith("[VAULT_UNREACHABLE]");
    }

    private HttpsServer start(String name) throws Exception {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store(name), PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        server.createContext("/", exchange -> {
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
