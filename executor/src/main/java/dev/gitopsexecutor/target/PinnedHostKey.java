package dev.gitopsexecutor.target;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.PlainText;
import java.io.IOException;
import java.net.SocketAddress;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import org.apache.sshd.client.keyverifier.ServerKeyVerifier;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.jspecify.annotations.Nullable;

/** Accepts the one key that the policy names for a host, and remembers what a refused host showed instead. */
final class PinnedHostKey implements ServerKeyVerifier {
    private final SshHost host;
    private final PublicKey pinned;
    private volatile @Nullable PublicKey refused;

    private PinnedHostKey(SshHost host, PublicKey pinned) {
        this.host = host;
        this.pinned = pinned;
    }

    /** Throws {@code CONFIG_INVALID} when the policy's text is no public key. */
    static PinnedHostKey of(SshHost host) {
        JdkEd25519Registrar.register();
        try {
            PublicKeyEntry entry = PublicKeyEntry.parsePublicKeyEntry(host.hostKey());
            PublicKey key = entry == null ? null : entry.resolvePublicKey(null, null, null);
            if (key == null) {
                throw new IllegalArgumentException("it is not a public key");
            }
            return new PinnedHostKey(host, key);
        } catch (IOException | GeneralSecurityException | IllegalArgumentException failed) {
            throw new ExecutorException(
                    new Failure(
                            FailureCode.CONFIG_INVALID,
                            "read the host key of \"%s\"".formatted(host.name()),
                            "policy.yaml, host_key",
                            PlainText.sentence(String.valueOf(failed.getMessage())),
                            "Write the type and the key as /etc/ssh/ssh_host_ed25519_key.pub on the host has them."),
                    failed);
        }
    }

    /** The algorithm of the pinned key; a host that has no key of this type is not the host. */
    String type() {
        return KeyUtils.getKeyType(pinned);
    }

    @Override
    public boolean verifyServerKey(ClientSession session, SocketAddress address, PublicKey shown) {
        if (KeyUtils.compareKeys(pinned, shown)) {
            return true;
        }
        refused = shown;
        return false;
    }

    /** Whether this host was refused for its key, as opposed to anything else that ends a connection. */
    boolean hasRefused() {
        return refused != null;
    }

    ExecutorException mismatch() {
        PublicKey shown = refused;
        String saw = shown == null ? "no key of the type " + type() : KeyUtils.getFingerPrint(shown);
        return new ExecutorException(new Failure(
                FailureCode.HOST_KEY_MISMATCH,
                "trust \"%s\"".formatted(host.name()),
                "%s:%d".formatted(host.address(), host.port()),
                "it showed %s\npolicy.yaml wants %s\nnothing was sent to it, no login was tried"
                        .formatted(saw, KeyUtils.getFingerPrint(pinned)),
                "If the host was reinstalled, put its new key into policy.yaml (cat /etc/ssh/ssh_host_*_key.pub on its"
                        + " console). If not, somebody may be answering in its place: ask the platform team."));
    }
}
