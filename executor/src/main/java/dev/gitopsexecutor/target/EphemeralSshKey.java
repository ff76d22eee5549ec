package dev.gitopsexecutor.target;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.OpenSshCertificate;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.jspecify.annotations.Nullable;

/** A key of one deploy, in memory alone; a host knows it only with a certificate. */
public final class EphemeralSshKey {
    private static final Duration LONGEST = Duration.ofHours(24);

    private final KeyPair pair;

    private EphemeralSshKey(KeyPair pair) {
        this.pair = pair;
    }

    public static EphemeralSshKey generate() {
        JdkEd25519Registrar.register();
        try {
            return new EphemeralSshKey(
                    KeyPairGenerator.getInstance(JdkEd25519.ALGORITHM).generateKeyPair());
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** To be signed, as in a {@code .pub} file: {@code ssh-ed25519 AAAA…}. */
    public String publicKey() {
        return PublicKeyEntry.toString(pair.getPublic());
    }

    /**
     * The key with what an authority made of {@link #publicKey}.
     *
     * @param signedKey an OpenSSH certificate as in a {@code -cert.pub} file
     * @param users of the hosts; the certificate must name each as a principal, and nobody else
     * @throws ExecutorException {@code SSH_CERTIFICATE_UNUSABLE} with everything that is wrong with it
     */
    public SshIdentity certified(String signedKey, Set<String> users, Instant now) {
        PublicKey key = parse(signedKey);
        if (!(key instanceof OpenSshCertificate certificate)) {
            throw unusable("it is no OpenSSH certificate", null);
        }
        List<String> problems = problems(certificate, users, now);
        if (!problems.isEmpty()) {
            throw unusable(String.join("\n", problems), null);
        }
        return SshIdentity.certified(new KeyPair(certificate, pair.getPrivate()));
    }

    private List<String> problems(OpenSshCertificate certificate, Set<String> users, Instant now) {
        List<String> problems = new ArrayList<>();
        if (!KeyUtils.compareKeys(pair.getPublic(), certificate.getCertPubKey())) {
            problems.add("it is for another key than the one that was sent to be signed");
        }
        if (certificate.getType() != OpenSshCertificate.Type.USER) {
            problems.add("it is a host's, not a user's: set the role's allow_user_certificates to true");
        }
        Certificates.signatureProblem(certificate)
                .ifPresent(problem -> problems.add("it %s: see the role's algorithm_signer".formatted(problem)));
        if (certificate.getPrincipals().isEmpty()) {
            problems.add("it names no principal and would be good for every user: see the role's allowed_users");
        } else if (!users.equals(Set.copyOf(certificate.getPrincipals()))) {
            problems.add("it is for %s, not for %s alone: see the role's allowed_users"
                    .formatted(Certificates.principals(certificate), String.join(", ", new TreeSet<>(users))));
        }
        if (!OpenSshCertificate.isValidAt(certificate, now)) {
            problems.add("it is valid %s, and here it is %s: compare the clocks"
                    .formatted(Certificates.validity(certificate), now));
        }
        // Unsigned: a certificate without an end is beyond every other.
        if (Long.compareUnsigned(certificate.getValidBefore() - certificate.getValidAfter(), LONGEST.toSeconds()) > 0) {
            problems.add("it is valid %s, which is longer than %d hours: lower the role's ttl and max_ttl"
                    .formatted(Certificates.validity(certificate), LONGEST.toHours()));
        }
        return problems;
    }

    private static @Nullable PublicKey parse(String signedKey) {
        try {
            PublicKeyEntry entry = PublicKeyEntry.parsePublicKeyEntry(signedKey.strip());
            return entry == null ? null : entry.resolvePublicKey(null, null, null);
        } catch (IOException | GeneralSecurityException | RuntimeException failed) {
            // Its parser throws several unchecked exceptions at bytes that are too few or too many.
            throw unusable("it cannot be read", failed);
        }
    }

    private static ExecutorException unusable(String saw, @Nullable Throwable cause) {
        return new ExecutorException(
                new Failure(
                        FailureCode.SSH_CERTIFICATE_UNUSABLE,
                        "use the SSH certificate",
                        "what Vault signed for this deploy's key",
                        saw,
                        "Correct the role that `ssh_certificate` in policy.yaml names (docs/install.md has all of its fields)"
                                + " and retry the job; no host was contacted."),
                cause);
    }

    @Override
    public String toString() {
        return publicKey();
    }
}
