package dev.gitopsexecutor.target;

import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.HostTrust;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.OpenSshCertificate;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.config.keys.writer.openssh.OpenSSHKeyPairResourceWriter;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.common.session.SessionListener;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.forward.AcceptAllForwardingFilter;
import org.apache.sshd.server.forward.RejectAllForwardingFilter;
import org.apache.sshd.server.shell.ProcessShellCommandFactory;

/** A real SSH server in this process whose commands run in this machine's own shell. */
final class TestSshServer implements AutoCloseable {
    private final SshServer server = SshServer.setUpDefaultServer();
    private final List<PublicKey> offered = new CopyOnWriteArrayList<>();
    private final AtomicInteger beginning = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();
    private final KeyPair hostKey;

    /** {@code accepted} is a user's key, or the authority of users' certificates. */
    TestSshServer(KeyPair hostKey, PublicKey accepted) {
        this.hostKey = hostKey;
        server.setHost("127.0.0.1");
        server.setPort(0);
        server.setKeyPairProvider(KeyPairProvider.wrap(hostKey));
        server.setPublickeyAuthenticator((user, key, session) -> {
            offered.add(key);
            PublicKey proof = key instanceof OpenSshCertificate certificate ? certificate.getCaPubKey() : key;
            return KeyUtils.compareKeys(accepted, proof);
        });
        server.setCommandFactory((channel, command) ->
                ProcessShellCommandFactory.INSTANCE.createCommand(channel, "/bin/sh -c " + ShellQuote.quote(command)));
        server.setForwardingFilter(AcceptAllForwardingFilter.INSTANCE);
        server.addSessionListener(new SessionListener() {
            @Override
            public void sessionCreated(Session session) {
                most.accumulateAndGet(beginning.incrementAndGet(), Math::max);
            }

            @Override
            public void sessionEvent(Session session, Event event) {
                if (event == Event.Authenticated) {
                    beginning.decrementAndGet();
                }
            }
        });
        start();
    }

    private void start() {
        try {
            server.start();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** As {@code AllowTcpForwarding no} of OpenSSH. */
    void forbidTunnels() {
        server.setForwardingFilter(RejectAllForwardingFilter.INSTANCE);
    }

    SshHost asHost() {
        return host(hostKey.getPublic());
    }

    SshHost host(PublicKey pinned) {
        return host(new HostTrust.PinnedKey(PublicKeyEntry.toString(pinned)));
    }

    SshHost host(HostTrust trust) {
        return new SshHost(new HostName("web-1"), "127.0.0.1", server.getPort(), "deploy", trust);
    }

    /** As {@code HostCertificate} of OpenSSH. */
    void show(OpenSshCertificate certificate) {
        server.setHostKeyCertificateProvider(session -> List.of(certificate));
    }

    /** How often any client offered a key. */
    int logins() {
        return offered.size();
    }

    /** The most connections that had begun and not logged in yet, in one moment. */
    int mostBeginning() {
        return most.get();
    }

    /** The keys that clients offered, in that order. */
    List<PublicKey> offered() {
        return offered;
    }

    void cutConnections() {
        List.copyOf(server.getActiveSessions()).forEach(session -> session.close(true));
    }

    /** A client with what is good for every connection. */
    static SshTarget target(SshIdentity identity) {
        return SshTarget.open(() -> identity);
    }

    static KeyPair newKey() {
        JdkEd25519Registrar.register();
        try {
            return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** An OpenSSH private key file of mode 0600. */
    static Path write(KeyPair key, Path file) throws IOException, GeneralSecurityException {
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try (var out = Files.newOutputStream(file)) {
            OpenSSHKeyPairResourceWriter.INSTANCE.writePrivateKey(key, "", null, out);
        }
        return file;
    }

    @Override
    public void close() {
        try {
            server.stop(true);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
