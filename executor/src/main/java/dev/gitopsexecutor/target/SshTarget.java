package dev.gitopsexecutor.target;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.Deadline;
import dev.gitopsexecutor.io.PlainText;
import java.io.IOException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.util.List;
import org.apache.sshd.client.ClientBuilder;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.auth.pubkey.UserAuthPublicKeyFactory;
import org.apache.sshd.client.config.hosts.HostConfigEntryResolver;
import org.apache.sshd.client.config.keys.ClientIdentityLoader;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.AttributeRepository;
import org.apache.sshd.common.NamedFactory;
import org.apache.sshd.common.NamedResource;
import org.apache.sshd.common.config.keys.FilePasswordProvider;
import org.apache.sshd.common.keyprovider.KeyIdentityProvider;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.common.session.SessionContext;
import org.apache.sshd.common.session.SessionListener;
import org.apache.sshd.common.signature.Signature;
import org.apache.sshd.core.CoreModuleProperties;
import org.apache.sshd.server.forward.RejectAllForwardingFilter;

/** The SSH client: one key, pinned hosts, and nothing of the machine's or the user's own SSH configuration. */
public final class SshTarget implements AutoCloseable {
    private static final AttributeRepository.AttributeKey<PinnedHostKey> PIN = new AttributeRepository.AttributeKey<>();
    private static final Duration KEEPALIVE = Duration.ofSeconds(5);
    private static final int UNANSWERED_KEEPALIVES = 3;

    private final SshClient client;
    private final KeyPair key;

    private SshTarget(SshClient client, KeyPair key) {
        this.client = client;
        this.key = key;
    }

    /** Reads the key and starts the client's threads; throws {@code CONFIG_UNSAFE} or {@code CONFIG_INVALID}. */
    public static SshTarget open(Path keyFile) {
        KeyPair key = SshKeyFile.read(keyFile);
        SshClient client = ClientBuilder.builder().build();
        client.setServerKeyVerifier((session, address, shown) -> pin(session).verifyServerKey(session, address, shown));
        client.setHostConfigEntryResolver(HostConfigEntryResolver.EMPTY);
        client.setClientIdentityLoader(noIdentities());
        client.setKeyIdentityProvider(KeyIdentityProvider.EMPTY_KEYS_PROVIDER);
        client.setFilePasswordProvider(FilePasswordProvider.EMPTY);
        client.setUserAuthFactories(List.of(new UserAuthPublicKeyFactory(client.getSignatureFactories())));
        client.setForwardingFilter(RejectAllForwardingFilter.INSTANCE);
        client.addSessionListener(new PinnedKeyType());
        CoreModuleProperties.HEARTBEAT_INTERVAL.set(client, KEEPALIVE);
        CoreModuleProperties.HEARTBEAT_NO_REPLY_MAX.set(client, UNANSWERED_KEEPALIVES);
        CoreModuleProperties.IDLE_TIMEOUT.set(client, Duration.ZERO);
        // A script is sent in a few small packets: each would wait for the host to acknowledge the one before.
        CoreModuleProperties.TCP_NODELAY.set(client, true);
        client.start();
        return new SshTarget(client, key);
    }

    /**
     * Blocks until logged in; tries twice when the network, and not the host, is what failed.
     *
     * @throws ExecutorException {@code HOST_KEY_MISMATCH}, {@code HOST_LOGIN_REFUSED} or {@code HOST_UNREACHABLE}
     */
    public SshConnection connect(SshHost host, Deadline deadline) {
        PinnedHostKey pin = PinnedHostKey.of(host);
        try {
            return connectOnce(host, pin, deadline);
        } catch (IOException first) {
            if (deadline.hasPassed()) {
                throw unreachable(host, first);
            }
        }
        try {
            return connectOnce(host, pin, deadline);
        } catch (IOException second) {
            throw unreachable(host, second);
        }
    }

    private SshConnection connectOnce(SshHost host, PinnedHostKey pin, Deadline deadline) throws IOException {
        ClientSession session = client.connect(
                        host.user(), host.address(), host.port(), AttributeRepository.ofKeyValuePair(PIN, pin))
                .verify(deadline.remaining())
                .getSession();
        try {
            session.addPublicKeyIdentity(key);
            session.auth().verify(deadline.remaining());
            return new SshConnection(host, session);
        } catch (IOException failed) {
            session.close(true);
            throw explained(host, pin, failed);
        }
    }

    private static IOException explained(SshHost host, PinnedHostKey pin, IOException failed) {
        String text = String.valueOf(failed.getMessage());
        if (pin.hasRefused() || text.contains("server host key")) {
            throw pin.mismatch();
        }
        if (text.contains("No more authentication methods available")) {
            throw new ExecutorException(
                    new Failure(
                            FailureCode.HOST_LOGIN_REFUSED,
                            "log in to \"%s\"".formatted(host.name()),
                            host.endpoint(),
                            "the host refused the key",
                            "Add the public half of ssh_key_file to the authorized_keys of \"%s\" there."
                                    .formatted(host.user())),
                    failed);
        }
        return failed;
    }

    private static ExecutorException unreachable(SshHost host, IOException failed) {
        return new ExecutorException(
                new Failure(
                        FailureCode.HOST_UNREACHABLE,
                        "connect to \"%s\"".formatted(host.name()),
                        host.endpoint(),
                        PlainText.sentence(String.valueOf(failed.getMessage())) + " (tried twice)",
                        "See whether the host is up and lets this machine reach its SSH port, then retry the job."),
                failed);
    }

    private static PinnedHostKey pin(Session session) {
        AttributeRepository context = ((ClientSession) session).getConnectionContext();
        PinnedHostKey pin = context == null ? null : context.getAttribute(PIN);
        if (pin == null) {
            throw new IllegalStateException("a connection without a pinned host key");
        }
        return pin;
    }

    private static ClientIdentityLoader noIdentities() {
        return new ClientIdentityLoader() {
            @Override
            public boolean isValidLocation(NamedResource location) {
                return false;
            }

            @Override
            public Iterable<KeyPair> loadClientIdentities(
                    SessionContext session, NamedResource location, FilePasswordProvider provider) {
                return List.of();
            }
        };
    }

    @Override
    public void close() {
        client.close(true);
    }

    /** Lets the host show only a key of the pinned type: with several keys it might rightly show another. */
    private static final class PinnedKeyType implements SessionListener {
        @Override
        public void sessionCreated(Session session) {
            String type = pin(session).type();
            List<NamedFactory<Signature>> all = session.getSignatureFactories();
            session.setSignatureFactories(all.stream()
                    .filter(factory -> type.equals("ssh-rsa")
                            ? factory.getName().startsWith("rsa-sha2-")
                            : factory.getName().equals(type))
                    .toList());
        }
    }
}
