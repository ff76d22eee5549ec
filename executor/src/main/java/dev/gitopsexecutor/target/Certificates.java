package dev.gitopsexecutor.target;

import dev.gitopsexecutor.failure.Shown;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.OpenSshCertificate;
import org.apache.sshd.common.signature.BuiltinSignatures;
import org.apache.sshd.common.signature.Signature;

/** What certificates of hosts and of users have in common (OpenSSH, {@code PROTOCOL.certkeys}). */
final class Certificates {
    /** OpenSSH's {@code CASignatureAlgorithms}, without the security keys; {@code ssh-rsa} would be SHA-1. */
    private static final Set<String> SAFE = Set.of(
            "ssh-ed25519",
            "ecdsa-sha2-nistp256",
            "ecdsa-sha2-nistp384",
            "ecdsa-sha2-nistp521",
            "rsa-sha2-512",
            "rsa-sha2-256");

    private Certificates() {}

    /** Goes on from "the certificate"; empty when the key that it names as its authority signed it in a safe way. */
    static Optional<String> signatureProblem(OpenSshCertificate certificate) {
        String algorithm = String.valueOf(certificate.getSignatureAlgorithm());
        if (!SAFE.contains(algorithm)
                || !KeyUtils.getCanonicalKeyType(algorithm).equals(KeyUtils.getKeyType(certificate.getCaPubKey()))) {
            return Optional.of("is signed by the unsafe algorithm " + Shown.plain(algorithm));
        }
        return isSigned(certificate, algorithm) ? Optional.empty() : Optional.of("has a wrong signature");
    }

    private static boolean isSigned(OpenSshCertificate certificate, String algorithm) {
        BuiltinSignatures factory = BuiltinSignatures.fromFactoryName(algorithm);
        if (factory == null || !factory.isSupported()) {
            return false;
        }
        try {
            Signature signature = factory.create();
            signature.initVerifier(null, certificate.getCaPubKey());
            signature.update(null, certificate.getMessage());
            return signature.verify(null, certificate.getSignature());
        } catch (Exception unusable) {
            // MINA declares no narrower type.
            return false;
        }
    }

    static String validity(OpenSshCertificate certificate) {
        return "from %s until %s".formatted(time(certificate.getValidAfter()), time(certificate.getValidBefore()));
    }

    /** Seconds since 1970 as an unsigned number; the ends of its range stand for no limit. */
    private static String time(long seconds) {
        if (seconds == OpenSshCertificate.MIN_EPOCH) {
            return "ever";
        }
        return seconds < 0 || seconds > Instant.MAX.getEpochSecond()
                ? "forever"
                : Instant.ofEpochSecond(seconds).toString();
    }

    static String principals(OpenSshCertificate certificate) {
        return certificate.getPrincipals().stream().map(Shown::quoted).collect(Collectors.joining(", "));
    }
}
