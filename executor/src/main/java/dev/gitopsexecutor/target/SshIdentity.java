package dev.gitopsexecutor.target;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.failure.Shown;
import dev.gitopsexecutor.secrets.SecretValue;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.time.Instant;
import java.util.Iterator;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.apache.sshd.common.NamedResource;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.OpenSshCertificate;
import org.apache.sshd.common.util.security.SecurityUtils;

/** The one key that a deploy logs in with; prints without its private half. */
public final class SshIdentity {
    private final KeyPair pair;
    /** What a reader has to look at when a host refuses the key. */
    private final String source;

    private SshIdentity(KeyPair pair, String source) {
        this.pair = pair;
        this.source = source;
    }

    /**
     * Blocks on the disk.
     *
     * @throws ExecutorException {@code CONFIG_UNSAFE} for a file that others could have read or planted, {@code
     *     CONFIG_INVALID} for one that is no key
     */
    public static SshIdentity ofFile(Path file) {
        byte[] text = SshKeyFile.read(file);
        KeyPair pair = parse(
                text,
                saw -> SshKeyFile.invalid(
                        file,
                        saw,
                        "Put an OpenSSH private key without a passphrase there, or correct ssh_key_file in policy.yaml."));
        return new SshIdentity(pair, file.toString());
    }

    /**
     * Nothing of the text gets into a failure.
     *
     * @param pem an OpenSSH private key without a passphrase
     * @param where it comes from, such as {@code kv/shop/ssh#private_key in Vault}
     * @throws ExecutorException {@code SSH_KEY_UNUSABLE} when it is no key
     */
    public static SshIdentity ofKey(SecretValue pem, String where) {
        KeyPair pair = parse(
                pem.reveal().getBytes(UTF_8),
                saw -> new ExecutorException(new Failure(
                        FailureCode.SSH_KEY_UNUSABLE,
                        "read the SSH key",
                        where,
                        saw,
                        "Store an OpenSSH private key without a passphrase there, whole and with its line breaks, or correct"
                                + " ssh_key_secret in policy.yaml.")));
        return new SshIdentity(pair, where);
    }

    /** {@code pair} with a certificate as its public half. */
    static SshIdentity certified(KeyPair pair) {
        return new SshIdentity(pair, "Vault");
    }

    /** When its certificate ends; empty for a key that is known by itself. */
    public Optional<Instant> until() {
        return pair.getPublic() instanceof OpenSshCertificate certificate
                ? Optional.of(Instant.ofEpochSecond(certificate.getValidBefore()))
                : Optional.empty();
    }

    KeyPair pair() {
        return pair;
    }

    private static KeyPair parse(byte[] text, Function<String, ExecutorException> invalid) {
        JdkEd25519Registrar.register();
        Optional<KeyPair> pair;
        try {
            Iterable<KeyPair> keys = SecurityUtils.loadKeyPairIdentities(
                    null, NamedResource.ofName("the SSH key"), new ByteArrayInputStream(text), null);
            Iterator<KeyPair> iterator = keys == null ? null : keys.iterator();
            pair = iterator == null || !iterator.hasNext() ? Optional.empty() : Optional.of(iterator.next());
        } catch (IOException | GeneralSecurityException | RuntimeException failed) {
            // MINA's own words, and its exception, may quote the text.
            boolean locked =
                    String.valueOf(failed.getMessage()).toLowerCase(Locale.ROOT).contains("password");
            throw invalid.apply(locked ? "it is protected by a passphrase" : "it is no key that can be read");
        }
        return pair.orElseThrow(() -> invalid.apply("it holds no private key"));
    }

    ExecutorException refusedBy(SshHost host, IOException failed) {
        String fingerprint = KeyUtils.getFingerPrint(pair.getPublic());
        String saw = "the host refused the key %s of %s".formatted(fingerprint, source);
        String next = "Add its public half to the authorized_keys of \"%s\" there.".formatted(host.user());
        if (pair.getPublic() instanceof OpenSshCertificate certificate) {
            saw = "the host refused the certificate %s for %s, valid %s, of the CA %s"
                    .formatted(
                            Shown.quoted(certificate.getId()),
                            Certificates.principals(certificate),
                            Certificates.validity(certificate),
                            KeyUtils.getFingerPrint(certificate.getCaPubKey()));
            next =
                    "See that the certificate had not ended (the ttl of its role), that `TrustedUserCAKeys` of the host's"
                            + " sshd_config names that CA, and what its sshd logged.";
        }
        return new ExecutorException(
                new Failure(
                        FailureCode.HOST_LOGIN_REFUSED,
                        "log in to \"%s\"".formatted(host.name()),
                        host.endpoint(),
                        saw,
                        next),
                failed);
    }

    @Override
    public String toString() {
        return KeyUtils.getFingerPrint(pair.getPublic()) + " of " + source;
    }
}
