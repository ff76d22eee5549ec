package dev.gitopsexecutor.target;

import static dev.gitopsexecutor.target.HostCertificateTest.pem;
import static dev.gitopsexecutor.target.SshTargetTest.soon;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.secrets.SecretValue;
import java.io.ByteArrayOutputStream;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.sshd.certificate.OpenSshCertificateBuilder;
import org.apache.sshd.common.config.keys.OpenSshCertificate;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.config.keys.writer.openssh.OpenSSHKeyEncryptionContext;
import org.apache.sshd.common.config.keys.writer.openssh.OpenSSHKeyPairResourceWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SshIdentityTest {
    private final KeyPair key = TestSshServer.newKey();
    private final KeyPair authority = TestSshServer.newKey();
    private final EphemeralSshKey ephemeral = EphemeralSshKey.generate();

    @Test
    void logsInWithAKeyThatIsInMemoryAlone() throws Exception {
        try (TestSshServer server = new TestSshServer(TestSshServer.newKey(), key.getPublic())) {
            String withoutLastLineBreak = pem(key).reveal().strip();
            SshIdentity identity = SshIdentity.ofKey(SecretValue.of(withoutLastLineBreak), "a test");
            try (SshTarget target = TestSshServer.target(identity);
                    SshConnection connection = target.connect(server.asHost(), soon())) {
                assertThat(connection.isOpen()).isTrue();
            }
            assertThat(identity.toString()).matches("SHA256:\\S+ of a test");
        }
    }

    @Test
    void saysWhatIsWrongWithAKeyAndNothingOfItsText() throws Exception {
        String text = pem(key).reveal();
        ByteArrayOutputStream locked = new ByteArrayOutputStream();
        OpenSSHKeyEncryptionContext passphrase = new OpenSSHKeyEncryptionContext();
        passphrase.setPassword("geheim");
        passphrase.setCipherType("256");
        OpenSSHKeyPairResourceWriter.INSTANCE.writePrivateKey(key, "", passphrase, locked);

        assertThat(refusal("hello")).contains("saw:  it holds no private key");
        assertThat(refusal("")).contains("saw:  it holds no private key");
        assertThat(refusal(locked.toString(UTF_8))).contains("saw:  it is protected by a passphrase");
        assertThat(refusal(text.substring(0, 200) + "\n-----END OPENSSH PRIVATE KEY-----\n"))
                .contains("saw:  it is no key that can be read", "on:   kv/shop/ssh#key in Vault", "ssh_key_secret");
        assertThat(refusal(text.replace("\n", " "))).contains("[SSH_KEY_UNUSABLE]");
    }

    private static String refusal(String text) {
        ExecutorException[] refused = new ExecutorException[1];
        assertThatThrownBy(() -> SshIdentity.ofKey(SecretValue.of(text), "kv/shop/ssh#key in Vault"))
                .isInstanceOfSatisfying(ExecutorException.class, failed -> refused[0] = failed);
        assertThat(refused[0]).hasNoCause();
        String block = refused[0].failure().block();
        text.lines()
                .filter(line -> line.length() > 8 && !line.startsWith("-----"))
                .forEach(line -> assertThat(block).doesNotContain(line));
        return block;
    }

    @Test
    void logsInWithACertificateAndOffersNothingElse() throws Exception {
        try (TestSshServer server = new TestSshServer(TestSshServer.newKey(), authority.getPublic())) {
            SshIdentity identity = certified(certificate());
            try (SshTarget target = TestSshServer.target(identity);
                    SshConnection connection = target.connect(server.asHost(), soon())) {
                assertThat(connection.isOpen()).isTrue();
            }
            assertThat(server.offered()).isNotEmpty().allMatch(OpenSshCertificate.class::isInstance);
        }
        try (TestSshServer server = new TestSshServer(
                        TestSshServer.newKey(), TestSshServer.newKey().getPublic());
                SshTarget target = TestSshServer.target(certified(certificate()))) {
            assertThatThrownBy(() -> target.connect(server.asHost(), soon()))
                    .isInstanceOfSatisfying(ExecutorException.class, failed -> {
                        assertThat(failed.code()).isEqualTo(FailureCode.HOST_LOGIN_REFUSED);
                        assertThat(failed.failure().block())
                                .containsPattern(
                                        "the host refused the certificate \"shop\" for \"deploy\", \"other\", valid"
                                                + " from \\S+ until \\S+, of the CA SHA256:")
                                .contains("TrustedUserCAKeys");
                    });
            assertThat(server.offered()).hasSize(1).allMatch(OpenSshCertificate.class::isInstance);
        }
    }

    static Stream<Arguments> bad() throws Exception {
        KeyPair rsa = KeyPairGenerator.getInstance("RSA").generateKeyPair();
        KeyPair other = TestSshServer.newKey();
        return Stream.of(
                bad(
                        "it is for another key than the one that was sent",
                        builder -> builder.publicKey(other.getPublic())),
                bad(
                        "it is for \"other\", not for deploy alone: see the role's allowed_users",
                        builder -> builder.principals(List.of("other"))),
                bad(
                        "it is for \"deploy\", \"root\", not for deploy alone: see the role's allowed_users",
                        builder -> builder.principals(List.of("deploy", "root"))),
                bad("it names no principal and would be good for every user", builder -> builder.principals(List.of())),
                bad(
                        "it is valid from \\S+ until \\S+, and here it is \\S+: compare the clocks",
                        builder -> builder.validBefore(now().minusSeconds(1))),
                bad(
                        "it is valid from \\S+ until \\S+, and here it is \\S+: compare the clocks",
                        builder -> builder.validAfter(now().plusSeconds(60))),
                bad(
                        "which is longer than 24 hours: lower the role's ttl and max_ttl",
                        builder -> builder.validBefore(now().plus(Duration.ofHours(25)))),
                bad(
                        "until forever, which is longer than 24 hours",
                        builder -> builder.validBefore(OpenSshCertificate.INFINITY)),
                bad(
                        "from ever until forever, which is longer than 24 hours",
                        builder -> builder.validAfter(OpenSshCertificate.MIN_EPOCH)
                                .validBefore(OpenSshCertificate.INFINITY)),
                Arguments.of("it is signed by the unsafe algorithm ssh-rsa: see the role's algorithm_signer", (Signing)
                        builder -> builder.sign(rsa, "ssh-rsa")));
    }

    interface Signing {
        OpenSshCertificate sign(OpenSshCertificateBuilder builder) throws Exception;
    }

    private static Arguments bad(String problem, UnaryOperator<OpenSshCertificateBuilder> change) {
        KeyPair authority = TestSshServer.newKey();
        return Arguments.of(problem, (Signing) builder -> change.apply(builder).sign(authority));
    }

    @ParameterizedTest
    @MethodSource("bad")
    void refusesACertificateThatIsNotWhatWasAskedFor(String problem, Signing signing) throws Exception {
        assertThat(certificateRefusal(line(signing.sign(certificate())))).containsPattern(problem);
    }

    @Test
    void refusesWhatIsNoUsersCertificate() throws Exception {
        OpenSshCertificate host = OpenSshCertificateBuilder.hostCertificate()
                .publicKey(parse(ephemeral.publicKey()))
                .id("host")
                .principals(List.of("deploy"))
                .validAfter(now().minusSeconds(30))
                .validBefore(now().plusSeconds(300))
                .sign(authority);

        assertThat(certificateRefusal(line(host))).contains("it is a host's, not a user's");
        assertThat(certificateRefusal(ephemeral.publicKey())).contains("it is no OpenSSH certificate");
        assertThat(certificateRefusal("")).contains("it is no OpenSSH certificate");
        assertThat(certificateRefusal(line(host).substring(0, 300))).contains("it cannot be read");
        assertThat(certificateRefusal("ssh-ed25519-cert-v01@openssh.com ****")).contains("it cannot be read");
    }

    @Test
    void saysEverythingThatIsWrongWithACertificateAtOnce() throws Exception {
        OpenSshCertificate wrong = certificate()
                .principals(List.of("other"))
                .validBefore(now().plus(Duration.ofDays(30)))
                .sign(authority);

        assertThat(certificateRefusal(line(wrong))).contains("not for deploy", "longer than 24 hours");
    }

    @Test
    void criticalOptionsAreTheServersAffair() throws Exception {
        OpenSshCertificateBuilder forced = certificate().criticalOptions(Map.of("force-command", "/bin/true"));

        assertThat(certified(forced).toString()).endsWith("of Vault");
    }

    private String certificateRefusal(String signed) {
        ExecutorException[] refused = new ExecutorException[1];
        assertThatThrownBy(() -> ephemeral.certified(signed, Set.of("deploy"), now()))
                .isInstanceOfSatisfying(ExecutorException.class, failed -> refused[0] = failed);
        assertThat(refused[0].code()).isEqualTo(FailureCode.SSH_CERTIFICATE_UNUSABLE);
        return refused[0].failure().block();
    }

    private SshIdentity certified(OpenSshCertificateBuilder builder) throws Exception {
        return ephemeral.certified(line(builder.sign(authority)) + "\n", Set.of("deploy", "other"), now());
    }

    private OpenSshCertificateBuilder certificate() throws Exception {
        return OpenSshCertificateBuilder.userCertificate()
                .publicKey(parse(ephemeral.publicKey()))
                .id("shop")
                .principals(List.of("deploy", "other"))
                .validAfter(now().minusSeconds(30))
                .validBefore(now().plusSeconds(300));
    }

    private static PublicKey parse(String line) throws Exception {
        return PublicKeyEntry.parsePublicKeyEntry(line).resolvePublicKey(null, null, null);
    }

    private static String line(OpenSshCertificate certificate) {
        return PublicKeyEntry.toString(certificate);
    }

    /** MINA itself compares with the system's clock. */
    private static Instant now() {
        return Instant.now();
    }
}
