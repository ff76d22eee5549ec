package dev.gitopsexecutor.target;

import java.security.PublicKey;
import java.util.Optional;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.session.Session;

/** Accepts the one key that the policy names for a host. */
final class PinnedHostKey extends HostVerifier {
    private static final String NEXT =
            "If the host was reinstalled, put its new key into policy.yaml (cat /etc/ssh/ssh_host_*_key.pub on its"
                    + " console). If not, somebody may be answering in its place: ask the platform team.";

    private final PublicKey pinned;

    PinnedHostKey(SshHost host, PublicKey pinned) {
        super(host);
        this.pinned = pinned;
    }

    /** A host with several keys might rightly show one of another type. */
    @Override
    void restrict(Session session) {
        String type = KeyUtils.getKeyType(pinned);
        keepSignatures(
                session,
                algorithm -> type.equals("ssh-rsa") ? algorithm.matches("rsa-sha2-(256|512)") : algorithm.equals(type));
    }

    @Override
    Optional<Refusal> problem(PublicKey shown) {
        return KeyUtils.compareKeys(pinned, shown)
                ? Optional.empty()
                : Optional.of(refusal(KeyUtils.getFingerPrint(shown)));
    }

    @Override
    Refusal showedNothing() {
        return refusal("no key of the type " + KeyUtils.getKeyType(pinned));
    }

    private Refusal refusal(String shown) {
        return new Refusal(
                "it showed %s\npolicy.yaml wants %s".formatted(shown, KeyUtils.getFingerPrint(pinned)), NEXT);
    }
}
