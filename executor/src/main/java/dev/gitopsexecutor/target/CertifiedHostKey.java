package dev.gitopsexecutor.target;

import dev.gitopsexecutor.failure.Shown;
import java.security.PublicKey;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.sshd.client.kex.DHGClient;
import org.apache.sshd.common.BaseBuilder;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.OpenSshCertificate;
import org.apache.sshd.common.kex.DHFactory;
import org.apache.sshd.common.kex.KeyExchange;
import org.apache.sshd.common.kex.KeyExchangeFactory;
import org.apache.sshd.common.session.Session;

/**
 * Accepts a key that the policy's authority certified for the host's address; as OpenSSH's {@code @cert-authority},
 * without patterns among the principals.
 */
final class CertifiedHostKey extends HostVerifier {
    private static final Set<String> ALGORITHMS = Set.of(
            "ssh-ed25519-cert-v01@openssh.com",
            "ecdsa-sha2-nistp256-cert-v01@openssh.com",
            "ecdsa-sha2-nistp384-cert-v01@openssh.com",
            "ecdsa-sha2-nistp521-cert-v01@openssh.com",
            "rsa-sha2-512-cert-v01@openssh.com",
            "rsa-sha2-256-cert-v01@openssh.com");

    private final PublicKey authority;
    private final InstantSource clock;

    CertifiedHostKey(SshHost host, PublicKey authority, InstantSource clock) {
        super(host);
        this.authority = authority;
        this.clock = clock;
    }

    @Override
    void restrict(Session session) {
        keepSignatures(session, ALGORITHMS::contains);
        session.setKeyExchangeFactories(exchanges());
    }

    /** MINA cannot take a host certificate in a group exchange. */
    private static List<KeyExchangeFactory> exchanges() {
        return BaseBuilder.DEFAULT_KEX_PREFERENCE.stream()
                .filter(factory -> factory.isSupported() && !factory.isGroupExchange())
                .map(Exchange::factory)
                .toList();
    }

    @Override
    Optional<Refusal> problem(PublicKey shown) {
        if (!(shown instanceof OpenSshCertificate certificate)) {
            return Optional.of(new Refusal(
                    "it showed a plain key, %s\npolicy.yaml wants a certificate of host_ca %s"
                            .formatted(KeyUtils.getFingerPrint(shown), KeyUtils.getFingerPrint(authority)),
                    signAgain()));
        }
        if (!KeyUtils.compareKeys(authority, certificate.getCaPubKey())) {
            return Optional.of(new Refusal(
                    "it showed a certificate of another CA, %s\npolicy.yaml wants one of host_ca %s"
                            .formatted(
                                    KeyUtils.getFingerPrint(certificate.getCaPubKey()),
                                    KeyUtils.getFingerPrint(authority)),
                    "If the hosts have a new CA, put it into policy.yaml as `host_ca`. If not, somebody may be answering in"
                            + " the host's place: ask the platform team."));
        }
        return contentProblem(certificate)
                .map(problem -> new Refusal(
                        "its certificate %s %s".formatted(Shown.quoted(certificate.getId()), problem), signAgain()));
    }

    private Optional<String> contentProblem(OpenSshCertificate certificate) {
        Optional<String> signature = Certificates.signatureProblem(certificate);
        if (signature.isPresent()) {
            return signature;
        }
        if (certificate.getType() != OpenSshCertificate.Type.HOST) {
            return Optional.of("is a user's, not a host's");
        }
        Instant now = clock.instant();
        if (!OpenSshCertificate.isValidAt(certificate, now)) {
            return Optional.of("is valid %s, and it is %s".formatted(Certificates.validity(certificate), now));
        }
        if (certificate.getPrincipals().isEmpty()) {
            return Optional.of("names no principal, and would be good for every host");
        }
        // A pattern would let one host stand for another.
        if (certificate.getPrincipals().stream().noneMatch(host().address()::equalsIgnoreCase)) {
            return Optional.of(
                    "is for %s, not for %s".formatted(Certificates.principals(certificate), host().address()));
        }
        if (!certificate.getCriticalOptions().isEmpty()) {
            return Optional.of("has critical options, of which none is known for hosts: "
                    + certificate.getCriticalOptions().stream()
                            .map(option -> Shown.quoted(option.getName()))
                            .collect(Collectors.joining(", ")));
        }
        return Optional.empty();
    }

    @Override
    Refusal showedNothing() {
        return new Refusal(
                "it showed no certificate, only plain keys\npolicy.yaml wants a certificate of host_ca "
                        + KeyUtils.getFingerPrint(authority),
                signAgain());
    }

    private String signAgain() {
        return ("Sign the host's key again (ssh-keygen -s HOST_CA -I NAME -h -n %s -V … /etc/ssh/ssh_host_ed25519_key.pub),"
                        + " let `HostCertificate` of its sshd_config name the result, and reload its sshd.")
                .formatted(host().address());
    }

    /**
     * Leaves the certificate to {@link #problem}, which MINA asks once the host has proven to have the key. MINA's own
     * check takes patterns, does not say what was wrong, and wants the authority's plain algorithm among those that
     * the host may choose from.
     */
    private static final class Exchange extends DHGClient {
        private Exchange(DHFactory factory, Session session) {
            super(factory, session);
        }

        static KeyExchangeFactory factory(DHFactory delegate) {
            return new KeyExchangeFactory() {
                @Override
                public String getName() {
                    return delegate.getName();
                }

                @Override
                public KeyExchange createKeyExchange(Session session) {
                    return new Exchange(delegate, session);
                }
            };
        }

        @Override
        protected void verifyCertificate(Session session, OpenSshCertificate certificate) {}
    }
}
