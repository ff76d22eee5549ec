package dev.gitopsexecutor.checks;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.checks.CheckResult.Failed;
import dev.gitopsexecutor.checks.CheckResult.Passed;
import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.io.Deadline;
import dev.gitopsexecutor.io.Trust;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Over real TLS, against servers with every kind of certificate. */
@Timeout(120)
class TlsProbeTest {
    private static final char[] PASSWORD = "changeit".toCharArray();
    private static final String HERE = "SAN=DNS:localhost,IP:127.0.0.1";
    private static final String OK = RawServer.answer(200, "text/plain", "ok");

    @TempDir
    static Path directory;

    private static Optional<SSLContext> privateCa = Optional.empty();

    private final List<String> names = new CopyOnWriteArrayList<>();

    @BeforeAll
    static void makeCertificates() throws Exception {
        key("ca", "-ext", "bc:critical=ca:true", "-ext", "ku=keyCertSign");
        key("good", "-signer", "ca", "-ext", HERE);
        key("expired", "-signer", "ca", "-ext", HERE, "-startdate", "-3d", "-validity", "1");
        key("early", "-signer", "ca", "-ext", HERE, "-startdate", "+3d", "-validity", "9");
        key("other", "-signer", "ca", "-ext", "SAN=DNS:elsewhere.example");
        key("self", "-ext", HERE);
        byte[] ca = store().getCertificate("ca").getEncoded();
        Path pem = Files.writeString(
                directory.resolve("ca.pem"),
                "-----BEGIN CERTIFICATE-----\n" + Base64.getMimeEncoder().encodeToString(ca)
                        + "\n-----END CERTIFICATE-----\n");
        privateCa = Optional.of(Trust.ofCaFile(pem));
    }

    @Test
    void takesCertificateOfGivenCaByNameAndByAddress() throws Exception {
        try (RawServer server = server("good")) {
            assertThat(check(server.named("/"), privateCa)).isInstanceOf(Passed.class);
            assertThat(names)
                    .as("names that the server was told")
                    .hasSize(2)
                    .allMatch(name -> name.contains("localhost"));
            assertThat(check(server.url("/"), privateCa)).isInstanceOf(Passed.class);
            assertThat(names).as("an address is told to nobody").hasSize(2);
            assertThat(server.requests()).allMatch(request -> request.startsWith("GET / HTTP/1.1\r\nHost: "));
        }
    }

    @Test
    void speaksTlsThroughTunnelThatIsNoRealSocket() throws Exception {
        try (RawServer server = server("good")) {
            Vantage host = new Vantage("web-1", (name, port, _) -> new Tunnel(new Socket(name, port)), privateCa);
            assertThat(check(server.named("/"), host)).isInstanceOf(Passed.class);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            self    | the certificate is not signed by a CA that this machine trusts (self-signed?)
            expired | the certificate has expired (NotAfter:
            early   | the certificate is not valid yet (NotBefore:
            other   | the certificate is not for "localhost" but for another name
            """)
    void refusesWrongCertificateAtOnce(String alias, String words) throws Exception {
        try (RawServer server = server(alias)) {
            assertRefused(check(server.named("/"), privateCa), words);
            assertThat(server.requests()).as("requests that were sent").isEmpty();
        }
    }

    @Test
    void refusesOtherAddressThanTheCertificateNames() throws Exception {
        try (RawServer server = server("other")) {
            assertRefused(check(server.url("/"), privateCa), "the certificate is not for \"127.0.0.1\"");
        }
    }

    @Test
    void refusesPrivateCaWhenTheSystemDoesNotKnowIt() throws Exception {
        try (RawServer server = server("good")) {
            assertRefused(
                    check(server.named("/"), Optional.empty()),
                    "the certificate is not signed by a CA that this machine trusts");
        }
    }

    @Test
    void refusesServerThatDoesNotSpeakTls() throws Exception {
        // Asked with a line end in it, a server of HTTP answers what is no request, too.
        try (ServerSocket plain = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> answerAnything(plain));
            assertRefused(
                    check(URI.create("https://127.0.0.1:%d/".formatted(plain.getLocalPort())), privateCa),
                    "what answers there does not speak TLS: ask by http");
        }
    }

    private static void answerAnything(ServerSocket plain) {
        try (Socket socket = plain.accept()) {
            int first = socket.getInputStream().read();
            assertThat(first).isEqualTo(0x16);
            RawServer.write(socket, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
            RawServer.hold(socket);
        } catch (IOException gone) {
            // It has said what it had to say.
        }
    }

    @Test
    void saysThatPlainHttpMetTls() throws Exception {
        try (RawServer server = server("good")) {
            URI url = URI.create("http://127.0.0.1:%d/".formatted(server.port()));
            assertThat(((Failed) check(url, privateCa, Duration.ofSeconds(1))).lastSeen())
                    .isEqualTo("no answer: TLS is spoken there: ask by https");
        }
    }

    @Test
    void saysThatTheServerWantsCertificateOfItsClient() throws Exception {
        SSLServerSocket listener = listener("good");
        listener.setNeedClientAuth(true);
        try (RawServer server = new RawServer("https", listener, (socket, _) -> RawServer.write(socket, OK))) {
            // How often it is asked before is chance: the server's closing may overtake its alert.
            assertThat(check(server.named("/"), privateCa))
                    .isInstanceOfSatisfying(
                            Failed.class,
                            failed -> assertThat(failed.lastSeen())
                                    .contains("the server wants a certificate of its client"));
        }
    }

    @Test
    void retriesServerThatClosesWhileTlsBegins() throws Exception {
        try (RawServer server = server("good");
                ServerSocket starting = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> endAtOnce(starting));
            AtomicInteger dialled = new AtomicInteger();
            Vantage flaky = new Vantage(
                    "web-1",
                    (name, port, _) ->
                            new Socket(name, dialled.incrementAndGet() == 1 ? starting.getLocalPort() : port),
                    privateCa);
            assertThat(check(server.named("/"), flaky))
                    .isInstanceOfSatisfying(
                            Passed.class,
                            passed -> assertThat(passed.attempts()).isEqualTo(3));
        }
    }

    private static void endAtOnce(ServerSocket starting) {
        try (Socket socket = starting.accept()) {
            socket.shutdownOutput();
            RawServer.hold(socket);
        } catch (IOException gone) {
            // The other side was faster.
        }
    }

    private static void assertRefused(CheckResult result, String words) {
        assertThat(result).isInstanceOfSatisfying(Failed.class, failed -> {
            assertThat(failed.lastSeen()).startsWith(words);
            assertThat(failed.attempts()).isEqualTo(1);
        });
    }

    private static CheckResult check(URI url, Optional<SSLContext> trust) throws InterruptedException {
        return check(url, trust, Duration.ofSeconds(60));
    }

    private static CheckResult check(URI url, Optional<SSLContext> trust, Duration limit) throws InterruptedException {
        return check(url, new Vantage("this machine", new DirectDialer(), trust), limit);
    }

    private static CheckResult check(URI url, Vantage from) throws InterruptedException {
        return check(url, from, Duration.ofSeconds(60));
    }

    private static CheckResult check(URI url, Vantage from, Duration limit) throws InterruptedException {
        List<CheckResult> results = new HealthCheck(from, UnaryOperator.identity(), new Cancellation())
                .await(
                        new HealthCheck.Question("public health", url, Optional.empty(), 2),
                        Deadline.after(InstantSource.system(), limit),
                        Optional::empty,
                        _ -> {});
        assertThat(results).hasSize(1);
        return results.getFirst();
    }

    private RawServer server(String alias) throws Exception {
        return new RawServer("https", listener(alias), (socket, _) -> {
            ((ExtendedSSLSession) ((SSLSocket) socket).getSession())
                    .getRequestedServerNames().stream()
                            .map(SNIServerName::toString)
                            .forEach(names::add);
            RawServer.write(socket, OK);
        });
    }

    private static SSLServerSocket listener(String alias) throws Exception {
        KeyStore alone = KeyStore.getInstance("PKCS12");
        alone.load(null, null);
        alone.setKeyEntry(alias, store().getKey(alias, PASSWORD), PASSWORD, store().getCertificateChain(alias));
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(alone, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return (SSLServerSocket)
                context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress());
    }

    private static void key(String alias, String... more) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin/keytool").toString(),
                "-genkeypair",
                "-alias",
                alias,
                "-keyalg",
                "EC",
                "-dname",
                "CN=" + alias,
                "-storepass",
                new String(PASSWORD),
                "-keystore",
                directory.resolve("keys.p12").toString()));
        command.addAll(List.of(more));
        Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(keytool.getInputStream().readAllBytes(), UTF_8);
        assertThat(keytool.waitFor()).as(output).isZero();
    }

    private static KeyStore store() throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream file = Files.newInputStream(directory.resolve("keys.p12"))) {
            store.load(file, PASSWORD);
        }
        return store;
    }

    /** As a channel of SSH looks: connected, with streams, and without anything that a socket of the system has. */
    private static final class Tunnel extends Socket {
        private final Socket far;

        Tunnel(Socket far) {
            this.far = far;
        }

        @Override
        public InputStream getInputStream() throws IOException {
            return far.getInputStream();
        }

        @Override
        public OutputStream getOutputStream() throws IOException {
            return far.getOutputStream();
        }

        @Override
        public boolean isConnected() {
            return true;
        }

        @Override
        public boolean isClosed() {
            return far.isClosed();
        }

        @Override
        public void close() throws IOException {
            far.close();
        }
    }
}
