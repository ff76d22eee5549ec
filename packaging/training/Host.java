import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.config.keys.writer.openssh.OpenSSHKeyPairResourceWriter;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.forward.AcceptAllForwardingFilter;
import org.apache.sshd.server.shell.ProcessShellCommandFactory;

/** A target host: commands run in this machine's own shell, with the stand-ins for its programs first on PATH. */
final class Host implements AutoCloseable {
    private final SshServer server;
    private final KeyPair hostKey;

    /** Writes the key that may log in to {@code keyFile}. */
    Host(Path programs, Path keyFile) throws IOException, ReflectiveOperationException, GeneralSecurityException {
        registerEd25519();
        server = SshServer.setUpDefaultServer();
        hostKey = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        KeyPair login = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        Files.createFile(keyFile, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try (var out = Files.newOutputStream(keyFile)) {
            OpenSSHKeyPairResourceWriter.INSTANCE.writePrivateKey(login, "", null, out);
        }
        server.setHost("127.0.0.1");
        server.setPort(0);
        server.setKeyPairProvider(KeyPairProvider.wrap(hostKey));
        server.setPublickeyAuthenticator((user, key, session) -> KeyUtils.compareKeys(login.getPublic(), key));
        server.setForwardingFilter(AcceptAllForwardingFilter.INSTANCE);
        // XDG_RUNTIME_DIR is where a registry's credential goes; DOCKER_HOST saves a question to docker.
        String setting = "PATH='%s':$PATH XDG_RUNTIME_DIR='%s' DOCKER_HOST=none; export PATH XDG_RUNTIME_DIR DOCKER_HOST; "
                .formatted(programs, programs);
        server.setCommandFactory((channel, command) ->
                ProcessShellCommandFactory.INSTANCE.createCommand(channel, setting + command));
        server.start();
    }

    int port() {
        return server.getPort();
    }

    String hostKey() {
        return PublicKeyEntry.toString(hostKey.getPublic());
    }

    /** MINA knows Ed25519 only through the product's own registrar, which must come before anything else of MINA. */
    private static void registerEd25519() throws ReflectiveOperationException {
        Method register = Class.forName("dev.gitopsexecutor.target.JdkEd25519Registrar").getDeclaredMethod("register");
        register.setAccessible(true);
        register.invoke(null);
    }

    @Override
    public void close() throws IOException {
        server.stop(true);
    }
}
