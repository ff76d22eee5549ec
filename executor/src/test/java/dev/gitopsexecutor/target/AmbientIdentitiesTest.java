package dev.gitopsexecutor.target;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.HostTrust;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.List;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nothing of the user's own SSH set-up helps a deploy, and nothing of it leads one elsewhere. */
class AmbientIdentitiesTest {
    private final KeyPair good = TestSshServer.newKey();
    private final KeyPair own = TestSshServer.newKey();

    @TempDir
    private Path home;

    /** A process of its own: MINA looks for the user's home once, and the environment cannot be changed in this one. */
    static final class Login {
        private Login() {}

        public static void main(String[] arguments) {
            SshHost host = new SshHost(
                    new HostName("web-1"),
                    "127.0.0.1",
                    Integer.parseInt(arguments[1]),
                    "deploy",
                    new HostTrust.PinnedKey(arguments[2]));
            try (SshTarget target = TestSshServer.target(SshIdentity.ofFile(Path.of(arguments[0])));
                    SshConnection connection = target.connect(host, SshTargetTest.soon())) {
                System.out.println("in: " + connection.isOpen());
            } catch (ExecutorException refused) {
                System.out.println(refused.code());
            }
        }
    }

    @Test
    void offersOneKeyWhateverIsInTheHomeAndTheEnvironment() throws Exception {
        Path ssh = Files.createDirectory(home.resolve(".ssh"));
        Path decoy = TestSshServer.write(good, ssh.resolve("id_ed25519"));
        Files.copy(decoy, ssh.resolve("id_rsa"));
        Path key = TestSshServer.write(own, home.resolve("key"));
        Path agent = home.resolve("agent");
        try (TestSshServer server = new TestSshServer(TestSshServer.newKey(), good.getPublic());
                ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            Files.writeString(ssh.resolve("config"), """
                    Host *
                      IdentityFile %s
                      Port 1
                      User root
                    """.formatted(decoy));
            socket.bind(UnixDomainSocketAddress.of(agent));
            socket.configureBlocking(false);

            assertThat(login(server, key, agent)).isEqualTo("HOST_LOGIN_REFUSED");

            assertThat(server.offered())
                    .singleElement()
                    .matches(offered -> KeyUtils.compareKeys(own.getPublic(), offered));
            assertThat(socket.accept()).as("nobody asked the agent").isNull();
        }
    }

    private String login(TestSshServer server, Path key, Path agent) throws Exception {
        SshHost host = server.asHost();
        String pinned = ((HostTrust.PinnedKey) host.trust()).publicKey();
        ProcessBuilder builder = new ProcessBuilder(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-Duser.home=" + home,
                "-cp",
                System.getProperty("java.class.path"),
                Login.class.getName(),
                key.toString(),
                Integer.toString(host.port()),
                pinned));
        builder.environment().put("HOME", home.toString());
        builder.environment().put("SSH_AUTH_SOCK", agent.toString());
        builder.environment().put("SSH_AGENT_PID", "1");
        Process process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).isZero();
        return said.strip();
    }
}
