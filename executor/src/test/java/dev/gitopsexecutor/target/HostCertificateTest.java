package dev.gitopsexecutor.target;

import static dev.gitopsexecutor.target.SshTargetTest.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.model.HostTrust;
import dev.gitopsexecutor.secrets.SecretValue;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.sshd.certificate.OpenSshCertificateBuilder;
import org.apache.sshd.common.config.keys.OpenSshCertificate;
import org.apache.sshd.common.config.keys.OpenSshCertificateImpl;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.config.keys.writer.openssh.OpenSSHKeyPairResourceWriter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A host is known by its authority, and by nothing that merely looks like it. */
class HostCertificateTest {
    private final KeyPair user = TestSshServer.newKey();
    private final KeyPair hostKey = TestSshServer.newKey();
    private final KeyPair authority = TestSshServer.newKey();
    private TestSshServer server;

    @BeforeEach
    void start() {
        server = new TestSshServer(hostKey, user.getPublic());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource({"Ed25519, ssh-ed25519", "EC, ecdsa-sha2-nistp384", "RSA, rsa-sha2-512", "RSA, rsa-sha2-256"})
    void acceptsKeysOfEveryTypeThatTheAuthorityCertified(String type, String algorithm) throws Exception {
        KeyPair key = key(type);
        KeyPair signer = key(type);
        try (TestSshServer other = new TestSshServer(key, user.getPublic())) {
            other.show(certificate(key).sign(signer, algorithm));
            try (SshTarget target = TestSshServer.target(identity());
                    SshConnection connection = target.connect(other.host(trust(signer)), soon())) {
                assertThat(connection.isOpen()).isTrue();
            }
        }
    }

    private static KeyPair key(String type) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(type);
        if (type.equals("EC")) {
            generator.initialize(384);
        }
        return generator.generateKeyPair();
    }

    static Stream<Arguments> bad() {
        return Stream.of(
                bad(
                        "is valid from .* until .*, and it is .*",
                        builder -> builder.validBefore(now().minus(Duration.ofMinutes(1)))),
                bad(
                        "is valid from .* until .*, and it is .*",
                        builder -> builder.validAfter(now().plus(Duration.ofMinutes(10)))),
                bad(
                        "is for \"10\\.0\\.0\\.1\", not for 127\\.0\\.0\\.1",
                        builder -> builder.principals(List.of("10.0.0.1"))),
                bad("is for \"\\*\", not for 127\\.0\\.0\\.1", builder -> builder.principals(List.of("*"))),
                bad(
                        "is for \"127.0.0.\\?\", not for 127\\.0\\.0\\.1",
                        builder -> builder.principals(List.of("127.0.0.?"))),
                bad("names no principal, and would be good for every host", builder -> builder.principals(List.of())),
                bad(
                        "has critical options, of which none is known for hosts: \"source-address\"",
                        builder -> builder.criticalOptions(Map.of("source-address", "10.0.0.0/8"))));
    }

    private static Arguments bad(String problem, UnaryOperator<OpenSshCertificateBuilder> change) {
        return Arguments.of(problem, change);
    }

    @ParameterizedTest
    @MethodSource("bad")
    void refusesWhatTheAuthoritySignedForSomethingElse(String problem, UnaryOperator<OpenSshCertificateBuilder> change)
            throws Exception {
        server.show(change.apply(certificate(hostKey)).sign(authority));

        assertThat(refusal().saw())
                .matches("its certificate \"web-1\" %s\nnothing was sent to it, no login was tried".formatted(problem));
        assertThat(refusal().next()).contains("ssh-keygen -s HOST_CA -I NAME -h -n 127.0.0.1");
    }

    @Test
    void refusesAnotherAuthoritysCertificate() throws Exception {
        server.show(certificate(hostKey).sign(TestSshServer.newKey()));

        assertThat(refusal().saw())
                .matches(
                        "it showed a certificate of another CA, SHA256:\\S+\npolicy.yaml wants one of host_ca SHA256:\\S+\n"
                                + "nothing was sent to it, no login was tried");
    }

    @Test
    void refusesPlainKeys() {
        assertThat(refusal().saw())
                .matches(
                        "it showed no certificate, only plain keys\npolicy.yaml wants a certificate of host_ca SHA256:\\S+\n"
                                + "nothing was sent to it, no login was tried");
    }

    /** No sshd that is at hand would show one. */
    @Test
    void refusesAUsersCertificate() throws Exception {
        OpenSshCertificate users = OpenSshCertificateBuilder.userCertificate()
                .publicKey(hostKey.getPublic())
                .id("dana")
                .principals(List.of("127.0.0.1"))
                .validAfter(now().minusSeconds(30))
                .validBefore(now().plusSeconds(300))
                .sign(authority);
        HostVerifier verifier = HostVerifier.of(server.host(trust(authority)), soon().clock());

        assertThat(verifier.problem(users).orElseThrow().saw())
                .isEqualTo("its certificate \"dana\" is a user's, not a host's");
        assertThat(verifier.problem(certificate(hostKey).sign(authority))).isEmpty();
    }

    /** As it would be if MINA passed on the key of a certificate that it does not believe. */
    @Test
    void refusesThePlainKeyOfACertificate() {
        HostVerifier verifier = HostVerifier.of(server.host(trust(authority)), soon().clock());

        assertThat(verifier.problem(hostKey.getPublic()).orElseThrow().saw())
                .startsWith("it showed a plain key, SHA256:");
    }

    @Test
    void refusesACertificateThatWasChangedAfterItWasSigned() throws Exception {
        OpenSshCertificate other =
                certificate(hostKey).principals(List.of("10.0.0.1")).sign(authority);
        ((OpenSshCertificateImpl) other).setPrincipals(List.of("127.0.0.1"));
        server.show(other);

        assertThat(refusal().saw()).startsWith("its certificate \"web-1\" has a wrong signature\n");
    }

    @Test
    void refusesSha1() throws Exception {
        KeyPair rsa = key("RSA");
        server.show(certificate(hostKey).sign(rsa, "ssh-rsa"));

        assertThat(refusal(server, rsa).saw())
                .startsWith("its certificate \"web-1\" is signed by the unsafe algorithm ssh-rsa\n");
    }

    @Test
    void refusesWhoHasTheCertificateAndNotTheKey() throws Exception {
        KeyPair stolen = new KeyPair(hostKey.getPublic(), TestSshServer.newKey().getPrivate());
        try (TestSshServer impostor = new TestSshServer(stolen, user.getPublic())) {
            impostor.show(certificate(hostKey).sign(authority));

            assertThat(refusal(impostor, authority).saw())
                    .startsWith("it does not have the private half of the key that it showed\n");
        }
    }

    @Test
    void pinnedKeyIsNotACertificatesKey() throws Exception {
        server.show(certificate(hostKey).sign(authority));
        try (SshTarget target = TestSshServer.target(identity());
                SshConnection connection = target.connect(server.asHost(), soon())) {
            assertThat(connection.isOpen()).as("its plain key is").isTrue();
        }
    }

    private Failure refusal() {
        return refusal(server, authority);
    }

    private Failure refusal(TestSshServer host, KeyPair trusted) {
        ExecutorException[] refused = new ExecutorException[1];
        try (SshTarget target = TestSshServer.target(identity())) {
            assertThatThrownBy(() -> target.connect(host.host(trust(trusted)), soon()))
                    .isInstanceOfSatisfying(ExecutorException.class, failed -> refused[0] = failed);
        }
        assertThat(refused[0].code()).isEqualTo(FailureCode.HOST_KEY_MISMATCH);
        assertThat(host.logins()).isZero();
        return refused[0].failure();
    }

    private static OpenSshCertificateBuilder certificate(KeyPair key) {
        return OpenSshCertificateBuilder.hostCertificate()
                .publicKey(key.getPublic())
                .id("web-1")
                .principals(List.of("web-1.example.com", "127.0.0.1"))
                .validAfter(now().minus(Duration.ofHours(1)))
                .validBefore(now().plus(Duration.ofHours(1)));
    }

    private static HostTrust trust(KeyPair signer) {
        return new HostTrust.CertificateAuthority(PublicKeyEntry.toString(signer.getPublic()));
    }

    private SshIdentity identity() {
        return SshIdentity.ofKey(pem(user), "a test");
    }

    static SecretValue pem(KeyPair key) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        try {
            OpenSSHKeyPairResourceWriter.INSTANCE.writePrivateKey(key, "", null, text);
        } catch (Exception impossible) {
            throw new IllegalStateException(impossible);
        }
        return SecretValue.of(text.toString(StandardCharsets.UTF_8));
    }

    /** MINA itself compares with the system's clock. */
    private static Instant now() {
        return Instant.now();
    }
}
