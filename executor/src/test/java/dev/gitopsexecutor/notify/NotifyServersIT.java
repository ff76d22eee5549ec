package dev.gitopsexecutor.notify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.model.Mention;
import dev.gitopsexecutor.model.NotifierName;
import dev.gitopsexecutor.notify.NotifierSettings.Email;
import dev.gitopsexecutor.secrets.HeldTokens;
import dev.gitopsexecutor.secrets.Masker;
import dev.gitopsexecutor.secrets.Vault;
import dev.gitopsexecutor.secrets.VaultSettings;
import dev.gitopsexecutor.testbed.MailServer;
import dev.gitopsexecutor.testbed.RealParts;
import dev.gitopsexecutor.testbed.Testbed;
import dev.gitopsexecutor.testbed.WebServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A real nginx and a real Exim, which misbehave as such servers do. */
@RealParts
class NotifyServersIT {
    private static final NotifierName NAME = new NotifierName("ops");
    private static final DeliveryTimes TIMES =
            new DeliveryTimes(Duration.ofSeconds(10), Duration.ofSeconds(2), Duration.ofMillis(50));

    @TempDir
    private Path directory;

    private OwnSecret stored(String content) throws IOException {
        Path file = Files.createTempFile(
                directory,
                "secret",
                "",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        return new OwnSecret.InFile(Files.writeString(file, content + "\n"));
    }

    private Optional<String> tell(NotifierSettings settings, String... mentions) throws Exception {
        Masker masker = new Masker();
        VaultSettings nowhere = new VaultSettings(
                URI.create("http://127.0.0.1:1"), "jwt", Optional.empty(), Optional.empty(), Optional.empty());
        Vault vault = new Vault(nowhere, new HeldTokens(directory), masker, InstantSource.system());
        Notifiers notifiers = new Notifiers(
                new TreeMap<>(Map.of(NAME, settings)),
                new OwnSecrets(vault, Optional.empty(), masker),
                InstantSource.system(),
                TIMES);
        return notifiers
                .send(
                        TestNotifications.failed(),
                        List.of(new Addressee(
                                NAME,
                                List.of(mentions).stream().map(Mention::new).toList())))
                .await()
                .getFirst()
                .problem();
    }

    private NotifierSettings slack(URI uri, Optional<Path> caFile) throws IOException {
        return new NotifierSettings.Slack(stored(uri.toString()), caFile);
    }

    @Test
    void waitsAsLongAsARateLimitAsks(Testbed testbed) throws Exception {
        WebServer server = testbed.webServer();
        NotifierSettings settings = slack(server.uri("/limited"), Optional.empty());
        assertThat(tell(settings)).isEmpty();
        assertThat(tell(settings)).isEmpty();
        assertThat(server.requests()).anyMatch(line -> line.contains("POST /limited") && line.contains("\" 429 "));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/down | HTTP 502 at attempt 4, after",
                "/maintenance | HTTP 503 at attempt 4, after",
                "/moved | HTTP 301, a redirect, which is not followed",
                "/closed | the connection ended without a whole answer",
                "/slow | no whole answer in "
            })
    void saysWhatItMet(String path, String saw, Testbed testbed) throws Exception {
        assertThat(tell(slack(testbed.webServer().uri(path), Optional.empty())).orElseThrow())
                .startsWith(saw)
                .doesNotContain(path);
    }

    @Test
    void believesACertificateOfTheNamedCaForThisNameAlone(Testbed testbed) throws Exception {
        WebServer server = testbed.webServer();
        Optional<Path> ca = Optional.of(server.caFile());
        assertThat(tell(slack(server.tlsUri("/"), ca))).isEmpty();
        assertThat(tell(slack(server.tlsUri("/"), Optional.empty())).orElseThrow())
                .startsWith("TLS failed");
        assertThat(tell(slack(server.tlsUriByAddress("/"), ca)).orElseThrow()).startsWith("TLS failed");
        String plain = server.uri("/").toString().replace("http:", "https:").replace("127.0.0.1", "localhost");
        assertThat(tell(slack(URI.create(plain), ca)).orElseThrow()).startsWith("TLS failed");
    }

    private Email email(MailServer server, String host, Optional<String> password, Optional<Path> ca, String... to)
            throws IOException {
        Optional<Email.Login> login = password.isPresent()
                ? Optional.of(new Email.Login(MailServer.USER, stored(password.get())))
                : Optional.empty();
        return new Email(host, server.port(), Email.Tls.STARTTLS, login, "releases@example.com", List.of(to), ca);
    }

    @Test
    void mailsByStarttlsWithALogin(Testbed testbed) throws Exception {
        MailServer server = testbed.mailServer();
        Optional<Path> ca = Optional.of(server.caFile());
        Optional<String> password = Optional.of(MailServer.PASSWORD);
        assertThat(tell(email(server, "localhost", password, ca, "team@example.com"), "boss@example.com"))
                .isEmpty();
        assertThat(server.awaitMail("boss@example.com"))
                .contains(
                        "Subject: [production] Deploying acme/shop",
                        "To: team@example.com, boss@example.com",
                        "with esmtpsa",
                        "web-1: health was 503 [CHECK_FAILED]");
    }

    @Test
    void saysWhatAMailServerRefuses(Testbed testbed) throws Exception {
        MailServer server = testbed.mailServer();
        Optional<Path> ca = Optional.of(server.caFile());
        Optional<String> password = Optional.of(MailServer.PASSWORD);
        assertThat(tell(email(server, "localhost", Optional.of("not-the-password"), ca, "a@example.com")))
                .contains("the server refuses the login: 535 Incorrect authentication data");
        assertThat(tell(email(server, "localhost", Optional.empty(), ca, "a@example.com")))
                .contains("the server does not take the mail: 550 5.7.0 log in first");
        assertThat(tell(email(server, "localhost", password, Optional.empty(), "a@example.com"))
                        .orElseThrow())
                .startsWith("TLS failed");
        assertThat(tell(email(server, "127.0.0.1", password, ca, "a@example.com"))
                        .orElseThrow())
                .startsWith("TLS failed");
    }

    @Test
    void oneRecipientThatIsRefusedAndOneThatIsToWaitKeepNobodyFromIt(Testbed testbed) throws Exception {
        MailServer server = testbed.mailServer();
        assertThat(tell(email(
                        server,
                        "localhost",
                        Optional.of(MailServer.PASSWORD),
                        Optional.of(server.caFile()),
                        "gone@example.com",
                        "slow@example.com",
                        "quick@example.com")))
                .contains("1 of 3 recipients: gone@example.com is refused: 550 5.1.1 no such user here (attempt 2)");
        assertThat(server.awaitMail("for slow@example.com")).contains("for quick@example.com");
    }
}
