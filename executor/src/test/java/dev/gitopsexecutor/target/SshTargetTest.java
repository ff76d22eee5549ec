package dev.gitopsexecutor.target;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.Deadline;
import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.HostTrust;
import dev.gitopsexecutor.secrets.SecretValue;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SshTargetTest {
    private final KeyPair userKey = TestSshServer.newKey();
    private final KeyPair hostKey = TestSshServer.newKey();
    private TestSshServer server;

    @TempDir
    Path directory;

    @BeforeEach
    void start() {
        server = new TestSshServer(hostKey, userKey.getPublic());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void beginsFewConnectionsAtOnceToOneAddress() throws Exception {
        SshIdentity identity = SshIdentity.ofFile(TestSshServer.write(userKey, directory.resolve("many")));
        try (SshTarget target = TestSshServer.target(identity);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<SshConnection>> connections = IntStream.range(0, 40)
                    .mapToObj(_ -> threads.submit(() -> target.connect(server.asHost(), soon())))
                    .toList();
            for (Future<SshConnection> connection : connections) {
                assertThat(connection.get().isOpen()).isTrue();
            }
        }
        assertThat(server.mostBeginning()).isBetween(2, 8);
    }

    @Test
    void runsScriptWithItsInputAndReturnsBothStreamsAndExitCode() throws Exception {
        try (SshTarget target = TestSshServer.target(identity());
                SshConnection connection = target.connect(server.asHost(), soon())) {
            RemoteResult result = connection.run(
                    script("one=$(next) two=$(next); printf '%s|%s' \"$one\" \"$two\"; echo oops >&2; exit 7"),
                    new RemoteInput().add("it's\n$HOME").addSecret(SecretValue.of("geheim")),
                    soon());
            assertThat(result.exitCode()).isEqualTo(7);
            assertThat(result.output()).isEqualTo("it's\n$HOME|geheim");
            assertThat(result.error()).isEqualTo("oops\n");
            assertThat(result.toString()).isEqualTo("exit code 7, 17 characters of output, 5 of error");
        }
    }

    @Test
    void hearsLinesWhileTheScriptRuns() throws Exception {
        Path heard = directory.resolve("heard");
        List<String> lines = new CopyOnWriteArrayList<>();
        try (SshTarget target = TestSshServer.target(identity());
                SshConnection connection = target.connect(server.asHost(), soon())) {
            RemoteResult result = connection.run(
                    script("file=$(next); echo begun; until [ -e \"$file\" ]; do sleep 0.05; done; echo ended"),
                    new RemoteInput().add(heard),
                    soon(),
                    line -> {
                        lines.add(line);
                        if (line.equals("begun")) {
                            assertThat(heard.toFile().mkdir()).isTrue();
                        }
                    });
            assertThat(result.output()).isEqualTo("begun\nended\n");
        }
        assertThat(lines).containsExactly("begun", "ended");
    }

    @Test
    void refusesChangedHostKeyBeforeAnyLogin() throws Exception {
        KeyPair other = TestSshServer.newKey();
        try (SshTarget target = TestSshServer.target(identity())) {
            assertThatThrownBy(() -> target.connect(server.host(other.getPublic()), soon()))
                    .isInstanceOfSatisfying(ExecutorException.class, failed -> {
                        assertThat(failed.code()).isEqualTo(FailureCode.HOST_KEY_MISMATCH);
                        assertThat(failed.failure().saw())
                                .matches("it showed SHA256:\\S+\npolicy.yaml wants SHA256:\\S+\n"
                                        + "nothing was sent to it, no login was tried");
                    });
        }
        assertThat(server.logins()).isZero();
    }

    @Test
    void refusesWhoHasThePublicHalfAlone() throws Exception {
        KeyPair copied = new KeyPair(hostKey.getPublic(), TestSshServer.newKey().getPrivate());
        try (TestSshServer impostor = new TestSshServer(copied, userKey.getPublic());
                SshTarget target = TestSshServer.target(identity())) {
            assertThatThrownBy(() -> target.connect(impostor.asHost(), soon()))
                    .isInstanceOfSatisfying(ExecutorException.class, failed -> {
                        assertThat(failed.code()).isEqualTo(FailureCode.HOST_KEY_MISMATCH);
                        assertThat(failed.failure().saw())
                                .startsWith("it does not have the private half of the key that it showed\n");
                    });
            assertThat(impostor.logins()).isZero();
        }
    }

    @Test
    void refusesHostWithoutKeyOfThePinnedType() throws Exception {
        KeyPair rsa = KeyPairGenerator.getInstance("RSA").generateKeyPair();
        try (SshTarget target = TestSshServer.target(identity())) {
            assertThatThrownBy(() -> target.connect(server.host(rsa.getPublic()), soon()))
                    .isInstanceOfSatisfying(ExecutorException.class, failed -> {
                        assertThat(failed.code()).isEqualTo(FailureCode.HOST_KEY_MISMATCH);
                        assertThat(failed.failure().saw()).startsWith("it showed no key of the type ssh-rsa");
                    });
        }
        assertThat(server.logins()).isZero();
    }

    @Test
    void refusesPinThatIsNoKey() throws Exception {
        SshHost host = new SshHost(
                new HostName("web-1"), "127.0.0.1", 22, "deploy", new HostTrust.PinnedKey("ssh-ed25519 nonsense"));
        try (SshTarget target = TestSshServer.target(identity())) {
            assertThatThrownBy(() -> target.connect(host, soon()))
                    .hasMessageStartingWith("Cannot read the host_key of \"web-1\":");
        }
    }

    @Test
    void offersItsOwnKeyAloneAndNoneOfTheUsers() throws Exception {
        String home = System.getProperty("user.home");
        Path ssh = Files.createDirectories(directory.resolve("home/.ssh"));
        TestSshServer.write(userKey, ssh.resolve("id_ed25519"));
        System.setProperty("user.home", directory.resolve("home").toString());
        Path refused = TestSshServer.write(TestSshServer.newKey(), directory.resolve("refused"));
        try (SshTarget target = TestSshServer.target(SshIdentity.ofFile(refused))) {
            assertThatThrownBy(() -> target.connect(server.asHost(), soon()))
                    .isInstanceOfSatisfying(
                            ExecutorException.class,
                            failed -> assertThat(failed.code()).isEqualTo(FailureCode.HOST_LOGIN_REFUSED));
        } finally {
            System.setProperty("user.home", home);
        }
        assertThat(server.logins()).isEqualTo(1);
    }

    @Test
    void saysThatNobodyListens() throws Exception {
        int port;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = closed.getLocalPort();
        }
        SshHost host = new SshHost(
                new HostName("web-1"),
                "127.0.0.1",
                port,
                "deploy",
                server.asHost().trust());
        try (SshTarget target = TestSshServer.target(identity())) {
            assertThatThrownBy(() -> target.connect(host, soon()))
                    .isInstanceOfSatisfying(ExecutorException.class, failed -> {
                        assertThat(failed.code()).isEqualTo(FailureCode.HOST_UNREACHABLE);
                        assertThat(failed.failure().saw()).contains("refused").endsWith("(tried twice)");
                    });
        }
    }

    @Test
    void endsScriptThatNeverEnds() throws Exception {
        try (SshTarget target = TestSshServer.target(identity());
                SshConnection connection = target.connect(server.asHost(), soon())) {
            Deadline short_ = Deadline.after(InstantSource.system(), Duration.ofMillis(300));
            assertThatThrownBy(() -> connection.run(script("sleep 60"), new RemoteInput(), short_))
                    .hasMessageContaining("it did not end in time");
        }
    }

    @Test
    void boundsWhatHostSends() throws Exception {
        try (SshTarget target = TestSshServer.target(identity());
                SshConnection connection = target.connect(server.asHost(), soon())) {
            assertThatThrownBy(() -> connection.run(
                            script("head -c 20000000 /dev/zero | tr '\\0' x"), new RemoteInput(), soon()))
                    .hasMessageContaining("it sent more than 4194304 bytes");
        }
    }

    @Test
    void saysThatTheConnectionWasLost() throws Exception {
        try (SshTarget target = TestSshServer.target(identity());
                SshConnection connection = target.connect(server.asHost(), soon())) {
            Thread cutter = Thread.ofVirtual().start(() -> {
                while (!Files.exists(directory.resolve("started"))) {
                    Thread.onSpinWait();
                }
                server.cutConnections();
            });
            assertThatThrownBy(() -> connection.run(
                            script(": >\"$(next)\"; sleep 5"),
                            new RemoteInput().add(directory.resolve("started")),
                            soon()))
                    .isInstanceOfSatisfying(
                            ExecutorException.class,
                            failed -> assertThat(failed.code()).isEqualTo(FailureCode.HOST_UNREACHABLE));
            cutter.join();
        }
    }

    @Test
    void saysThatTheConnectionIsOver() throws Exception {
        try (SshTarget target = TestSshServer.target(identity());
                SshConnection connection = target.connect(server.asHost(), soon())) {
            server.cutConnections();
            Awaitility.await().until(() -> !connection.isOpen());
            assertThatThrownBy(() -> connection.run(script("exit 0"), new RemoteInput(), soon()))
                    .isInstanceOfSatisfying(
                            ExecutorException.class,
                            failed -> assertThat(failed.code()).isEqualTo(FailureCode.HOST_UNREACHABLE));
            assertThatThrownBy(() -> connection.tunnel("127.0.0.1", 1, soon())).isInstanceOf(IOException.class);
        }
    }

    @Test
    void tunnelEndsWhenTheOtherEndHasSaidEverything() throws Exception {
        try (ServerSocket service = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                SshTarget target = TestSshServer.target(identity());
                SshConnection connection = target.connect(server.asHost(), soon())) {
            Thread.ofVirtual().start(new FutureTask<>(() -> {
                try (var accepted = service.accept()) {
                    accepted.getOutputStream().write("hello".getBytes(UTF_8));
                    accepted.shutdownOutput();
                    // Some servers, busybox's among them, close only when the client has.
                    return accepted.getInputStream().read();
                }
            }));
            try (var socket = connection.tunnel("127.0.0.1", service.getLocalPort(), soon())) {
                assertThat(new String(socket.getInputStream().readAllBytes(), UTF_8))
                        .isEqualTo("hello");
            }
        }
    }

    @Test
    void tellsHostThatForbidsTunnelsFromPortWhereNobodyListens() throws Exception {
        int closed;
        try (ServerSocket service = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closed = service.getLocalPort();
        }
        try (SshTarget target = TestSshServer.target(identity());
                SshConnection connection = target.connect(server.asHost(), soon())) {
            assertThat(connection.forbidsTunnel("127.0.0.1", closed, soon())).isFalse();
            server.forbidTunnels();
            assertThat(connection.forbidsTunnel("127.0.0.1", closed, soon())).isTrue();
        }
    }

    @Test
    void refusesKeyFileThatOthersMayRead() throws Exception {
        Path file = keyFile();
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        assertThatThrownBy(() -> SshIdentity.ofFile(file))
                .hasMessage("Cannot use the SSH key: its mode is rw-r----- [CONFIG_UNSAFE]");
    }

    @Test
    void refusesKeyFileThatIsLink() throws Exception {
        Path link = Files.createSymbolicLink(directory.resolve("link"), keyFile());
        assertThatThrownBy(() -> SshIdentity.ofFile(link))
                .hasMessage("Cannot use the SSH key: it is not a regular file [CONFIG_UNSAFE]");
    }

    @Test
    void refusesKeyFileWithoutKey() throws Exception {
        Path file = keyFile();
        Files.writeString(file, "hello\n");
        assertThatThrownBy(() -> SshIdentity.ofFile(file))
                .hasMessage("Cannot read the SSH key: it holds no private key [CONFIG_INVALID]");
        assertThatThrownBy(() -> SshIdentity.ofFile(directory.resolve("missing")))
                .hasMessage("Cannot read the SSH key: there is no such file [CONFIG_INVALID]");
    }

    private SshIdentity identity() throws Exception {
        return SshIdentity.ofFile(keyFile());
    }

    private Path keyFile() throws Exception {
        return TestSshServer.write(userKey, directory.resolve("key"));
    }

    static RemoteScript script(String text) {
        return new RemoteScript(
                "a test script",
                RemoteScript.load(RemoteScript.class, "prelude.sh").text() + text);
    }

    static Deadline soon() {
        return Deadline.after(InstantSource.system(), Duration.ofSeconds(20));
    }
}
