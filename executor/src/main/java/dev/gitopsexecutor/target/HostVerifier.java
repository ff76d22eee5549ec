package dev.gitopsexecutor.target;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.PlainText;
import dev.gitopsexecutor.model.HostTrust;
import java.io.IOException;
import java.net.SocketAddress;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.sshd.client.keyverifier.ServerKeyVerifier;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.session.Session;
import org.jspecify.annotations.Nullable;

/** Decides before any login whether a host is the one that the policy means, and remembers why it is not. */
abstract sealed class HostVerifier implements ServerKeyVerifier permits PinnedHostKey, CertifiedHostKey {
    private final SshHost host;
    private volatile @Nullable Refusal refusal;

    /** What the host showed, and the one thing to do now. */
    record Refusal(String saw, String next) {}

    HostVerifier(SshHost host) {
        this.host = host;
    }

    /** Throws {@code CONFIG_INVALID} when the policy's text is no public key. */
    static HostVerifier of(SshHost host, InstantSource clock) {
        return switch (host.trust()) {
            case HostTrust.PinnedKey(String key) -> new PinnedHostKey(host, parse(host, "host_key", key));
            case HostTrust.CertificateAuthority(String key) ->
                new CertifiedHostKey(host, parse(host, "host_ca", key), clock);
        };
    }

    /** Must run before the session's first message: lets the host show only what {@link #problem} can accept. */
    abstract void restrict(Session session);

    /** Empty when it is the host. */
    abstract Optional<Refusal> problem(PublicKey shown);

    /** For a host that had nothing to show of what {@link #restrict} left. */
    abstract Refusal showedNothing();

    SshHost host() {
        return host;
    }

    static void keepSignatures(Session session, Predicate<String> algorithm) {
        session.setSignatureFactories(session.getSignatureFactories().stream()
                .filter(factory -> algorithm.test(factory.getName()))
                .toList());
    }

    @Override
    public boolean verifyServerKey(ClientSession session, SocketAddress address, PublicKey shown) {
        refusal = problem(shown).orElse(null);
        return refusal == null;
    }

    /** The failure when {@code failed} is about who the host is, as opposed to anything else that ends a connection. */
    Optional<ExecutorException> mismatch(IOException failed) {
        Refusal refused = refusal;
        String text = String.valueOf(failed.getMessage());
        if (refused == null && text.contains("server host key")) {
            refused = showedNothing();
        } else if (refused == null && text.contains("signature verification failed")) {
            refused = new Refusal(
                    "it does not have the private half of the key that it showed",
                    "Somebody is answering in its place: ask the platform team.");
        }
        return Optional.ofNullable(refused).map(reason -> failure(reason, failed));
    }

    private ExecutorException failure(Refusal reason, IOException failed) {
        return new ExecutorException(
                new Failure(
                        FailureCode.HOST_KEY_MISMATCH,
                        "trust \"%s\"".formatted(host.name()),
                        "%s:%d".formatted(host.address(), host.port()),
                        reason.saw() + "\nnothing was sent to it, no login was tried",
                        reason.next()),
                failed);
    }

    private static PublicKey parse(SshHost host, String policyKey, String text) {
        JdkEd25519Registrar.register();
        try {
            PublicKeyEntry entry = PublicKeyEntry.parsePublicKeyEntry(text);
            PublicKey key = entry == null ? null : entry.resolvePublicKey(null, null, null);
            if (key == null) {
                throw new IllegalArgumentException("it is not a public key");
            }
            return key;
        } catch (IOException | GeneralSecurityException | IllegalArgumentException failed) {
            throw new ExecutorException(
                    new Failure(
                            FailureCode.CONFIG_INVALID,
                            "read the %s of \"%s\"".formatted(policyKey, host.name()),
                            "policy.yaml, " + policyKey,
                            PlainText.sentence(String.valueOf(failed.getMessage())),
                            "Write the type and the key as a .pub file has them, such as"
                                    + " /etc/ssh/ssh_host_ed25519_key.pub on the host."),
                    failed);
        }
    }
}
