package dev.gitopsexecutor.target;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.Deadline;
import dev.gitopsexecutor.io.PlainText;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.security.KeyPair;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.apache.sshd.client.ClientBuilder;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.auth.pubkey.UserAuthPublicKeyFactory;
import org.apache.sshd.client.config.hosts.HostConfigEntryResolver;
import org.apache.sshd.client.config.keys.ClientIdentityLoader;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.AttributeRepository;
import org.apache.sshd.common.NamedResource;
import org.apache.sshd.common.config.keys.FilePasswordProvider;
import org.apache.sshd.common.keyprovider.KeyIdentityProvider;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.common.session.SessionContext;
import org.apache.sshd.common.session.SessionListener;
import org.apache.sshd.core.CoreModuleProperties;
import org.apache.sshd.server.forward.RejectAllForwardingFilter;

/** The SSH client: one key, hosts that prove who they are, and nothing of the machine's or the user's own SSH configuration. */
public final class SshTarget implements AutoCloseable {
    private static final AttributeRepository.AttributeKey<HostVerifier> VERIFIER =
            new AttributeRepository.AttributeKey<>();
    private static final Duration KEEPALIVE = Duration.ofSeconds(5);
    private static final int UNANSWERED_KEEPALIVES = 3;
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(500);

    private final SshClient client;
    private final Supplier<SshIdentity> login;
    private final Handshakes handshakes = new Handshakes();

    private SshTarget(SshClient client, Supplier<SshIdentity> login) {
        this.client = client;
        this.login = login;
    }

    /**
     * Starts the client's threads.
     *
     * @param login is asked before each connection, by several threads at once
     */
    public static SshTarget open(Supplier<SshIdentity> login) {
        SshClient client = ClientBuilder.builder().build();
        client.setServerKeyVerifier(
                (session, address, shown) -> verifier(session).verifyServerKey(session, address, shown));
        client.setHostConfigEntryResolver(HostConfigEntryResolver.EMPTY);
        client.setClientIdentityLoader(noIdentities());
        client.setKeyIdentityProvider(KeyIdentityProvider.EMPTY_KEYS_PROVIDER);
        client.setFilePasswordProvider(FilePasswordProvider.EMPTY);
        client.setUserAuthFactories(List.of(new UserAuthPublicKeyFactory(client.getSignatureFactories())));
        client.setForwardingFilter(RejectAllForwardingFilter.INSTANCE);
        client.addSessionListener(new SessionListener() {
            @Override
            public void sessionCreated(Session session) {
                verifier(session).restrict(session);
            }
        });
        CoreModuleProperties.HEARTBEAT_INTERVAL.set(client, KEEPALIVE);
        CoreModuleProperties.HEARTBEAT_NO_REPLY_MAX.set(client, UNANSWERED_KEEPALIVES);
        CoreModuleProperties.IDLE_TIMEOUT.set(client, Duration.ZERO);
        // A script is sent in a few small packets: each would wait for the host to acknowledge the one before.
        CoreModuleProperties.TCP_NODELAY.set(client, true);
        client.start();
        return new SshTarget(client, login);
    }

    /**
     * Blocks until logged in; tries twice when the network, and not the host, is what failed.
     *
     * @throws ExecutorException {@code HOST_KEY_MISMATCH}, {@code HOST_LOGIN_REFUSED} or {@code HOST_UNREACHABLE}
     */
    public SshConnection connect(SshHost host, Deadline deadline) {
        HostVerifier verifier = HostVerifier.of(host, deadline.clock());
        Duration budget = deadline.remaining();
        try {
            return connectOnce(host, verifier, deadline.clock(), budget);
        } catch (IOException first) {
            if (deadline.hasPassed()) {
                throw unreachable(host, first);
            }
        }
        try {
            // A server that has too many guests drops some at random: the same moment would not be a better one.
            Thread.sleep(ThreadLocalRandom.current().nextLong(LONGEST_PAUSE.toMillis()));
            return connectOnce(host, verifier, deadline.clock(), budget);
        } catch (IOException second) {
            throw unreachable(host, second);
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
            throw unreachable(host, new InterruptedIOException("ended while it waited"));
        }
    }

    /** The wait for its turn is not of the budget: it is ours, not the host's. */
    private SshConnection connectOnce(SshHost host, HostVerifier verifier, InstantSource clock, Duration budget)
            throws IOException {
        try (Handshakes.Turn _ = handshakes.await(host)) {
            return connectNow(host, verifier, Deadline.after(clock, budget));
        }
    }

    private SshConnection connectNow(SshHost host, HostVerifier verifier, Deadline deadline) throws IOException {
        SshIdentity identity = login.get();
        ClientSession session = client.connect(
                        host.user(),
                        host.address(),
                        host.port(),
                        AttributeRepository.ofKeyValuePair(VERIFIER, verifier))
                .verify(deadline.remaining())
                .getSession();
        try {
            session.addPublicKeyIdentity(identity.pair());
            session.auth().verify(deadline.remaining());
            return new SshConnection(host, session);
        } catch (IOException failed) {
            session.close(true);
            throw explained(host, verifier, identity, failed);
        }
    }

    private static IOException explained(
            SshHost host, HostVerifier verifier, SshIdentity identity, IOException failed) {
        Optional<ExecutorException> mismatch = verifier.mismatch(failed);
        if (mismatch.isPresent()) {
            throw mismatch.get();
        }
        if (String.valueOf(failed.getMessage()).contains("No more authentication methods available")) {
            throw identity.refusedBy(host, failed);
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

    private static HostVerifier verifier(Session session) {
        AttributeRepository context = ((ClientSession) session).getConnectionContext();
        HostVerifier verifier = context == null ? null : context.getAttribute(VERIFIER);
        if (verifier == null) {
            throw new IllegalStateException("a connection to nobody in particular");
        }
        return verifier;
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
}
