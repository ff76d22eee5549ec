package dev.gitopsexecutor.target;

import static dev.gitopsexecutor.target.SshTargetTest.script;
import static dev.gitopsexecutor.target.SshTargetTest.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.HostTrust;
import dev.gitopsexecutor.testbed.RealParts;
import dev.gitopsexecutor.testbed.TargetHost;
import dev.gitopsexecutor.testbed.Testbed;
import dev.gitopsexecutor.testbed.VaultServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Certificates as ssh-keygen and Vault make them, with OpenSSH's own sshd; all set up as docs/install.md says. */
@RealParts
class SshIT {
    private static final String DIRECTORY = "/etc/ssh-it";
    private static final int PORT = 2022;
    private static final String STARTUPS = "/var/log/sshd-startups";
    private static final String MOUNT = "ssh-it";
    private static final Pattern ROLE =
            Pattern.compile("vault write ssh-production/roles/shop-production - <<END\\n(.*?)\\n +END", Pattern.DOTALL);

    /** An sshd beside the host's own that logs every request. */
    private static final String START = """
            mkdir $0 && cd $0
            for name in host host_ca other_ca; do ssh-keygen -q -t ed25519 -N '' -f $name; done
            ssh-keygen -q -s host_ca -I web -h -n "$1" -V -5m:+1h host.pub
            echo "$3" >user_ca.pub
            echo 'restrict,port-forwarding,permitopen="127.0.0.1:8080" deploy' >principals
            cat >sshd_config <<END
            Port $2
            PidFile none
            LogLevel DEBUG1
            UsePAM yes
            PasswordAuthentication no
            HostKey $0/host
            HostCertificate $0/host-cert.pub
            Match User deploy
                TrustedUserCAKeys $0/user_ca.pub
                AuthorizedPrincipalsFile $0/principals
                AuthorizedKeysFile none
            END
            /usr/sbin/sshd -f $0/sshd_config -E $0/log
            """;

    @Test
    void provesHostAndUserByCertificates(Testbed testbed) throws Exception {
        TargetHost host = testbed.host("web-1");
        VaultServer vault = testbed.vault();
        String authority = engine(vault, MOUNT, role(host.address().replaceFirst("[0-9]+$", "0/24")));
        host.run("sh", "-euc", START, DIRECTORY, host.address(), Integer.toString(PORT), authority);
        Awaitility.await("the second sshd").until(() -> log(host).contains("Server listening"));
        EphemeralSshKey key = EphemeralSshKey.generate();
        String signed = signed(vault, Map.of("public_key", key.publicKey(), "valid_principals", TargetHost.USER));
        SshIdentity identity = key.certified(signed, Set.of(TargetHost.USER), Instant.now());
        try (SshTarget target = TestSshServer.target(identity)) {
            assertThatThrownBy(() -> target.connect(known(host, "other_ca"), soon()))
                    .isInstanceOfSatisfying(ExecutorException.class, failed -> {
                        assertThat(failed.code()).isEqualTo(FailureCode.HOST_KEY_MISMATCH);
                        assertThat(failed.failure().saw()).startsWith("it showed a certificate of another CA, SHA256:");
                    });
            assertThat(log(host))
                    .as("the connection came, and ended before any login")
                    .contains("Connection from")
                    .doesNotContain("userauth");

            try (SshConnection connection = target.connect(known(host, "host_ca"), soon())) {
                assertThat(connection
                                .run(script("id -un"), new RemoteInput(), soon())
                                .output())
                        .isEqualTo("deploy\n");
                assertThat(connection.forbidsTunnel("127.0.0.1", 8080, soon())).isFalse();
                assertThat(connection.forbidsTunnel("127.0.0.1", 22, soon())).isTrue();
            }
            assertThat(log(host)).contains("userauth-request for user deploy", "Accepted publickey for deploy");
        } finally {
            host.run("pkill", "-f", "sshd -f " + DIRECTORY);
        }
    }

    @Test
    void beginsNoMoreConnectionsAtOnceThanSshdTakes(Testbed testbed) throws Exception {
        TargetHost host = testbed.host("web-1");
        int port = PORT + 1;
        host.run(
                "/usr/sbin/sshd", "-p", "" + port, "-o", "PidFile=none", "-o", "MaxStartups=10:30:100", "-E", STARTUPS);
        Awaitility.await("the second sshd")
                .until(() -> host.run("cat", STARTUPS).contains("Server listening"));
        SshIdentity identity = SshIdentity.ofFile(testbed.sshKey());
        try (SshTarget target = TestSshServer.target(identity);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<SshConnection>> connections = IntStream.range(0, 60)
                    .mapToObj(number -> new SshHost(
                            new HostName("guest-" + number),
                            host.address(),
                            port,
                            TargetHost.USER,
                            new HostTrust.PinnedKey(host.hostKey())))
                    .map(guest -> threads.submit(() -> target.connect(guest, soon())))
                    .toList();
            for (Future<SshConnection> connection : connections) {
                assertThat(connection.get().isOpen()).isTrue();
            }
            assertThat(host.run("cat", STARTUPS).lines())
                    .noneMatch(line -> line.contains("MaxStartups") || line.startsWith("drop connection"))
                    .filteredOn(line -> line.startsWith("Accepted publickey"))
                    .hasSize(60);
        } finally {
            host.run("pkill", "-f", "sshd -p " + port);
        }
    }

    @Test
    void letsNobodyAskVaultForMoreThanTheRoleSays(Testbed testbed) throws Exception {
        VaultServer vault = testbed.vault();
        var _ = engine(vault, "ssh-role", role("10.0.0.5/32"));
        String key = EphemeralSshKey.generate().publicKey();

        for (Map<String, Object> more : List.<Map<String, Object>>of(
                Map.of("critical_options", Map.of("force-command", "/bin/true")),
                Map.of("extensions", Map.of("permit-pty", "")),
                Map.of("valid_principals", "root"),
                Map.of("cert_type", "host"))) {
            Map<String, Object> request = new HashMap<>(Map.of("public_key", key, "valid_principals", "deploy"));
            request.putAll(more);
            assertThatThrownBy(() -> vault.call("POST", "ssh-role/sign/shop", request))
                    .as("%s", more)
                    .hasMessageContaining("400");
        }
    }

    /** Returns the public key of its authority. */
    private static String engine(VaultServer vault, String mount, Map<String, Object> role) {
        vault.call("POST", "sys/mounts/" + mount, Map.of("type", "ssh"));
        vault.call("POST", mount + "/config/ca", Map.of("generate_signing_key", true, "key_type", "ed25519"));
        vault.call("POST", mount + "/roles/shop", role);
        return vault.call("GET", mount + "/config/ca", Map.of())
                .at("/data/public_key")
                .asText()
                .strip();
    }

    private static Map<String, Object> role(String source) throws Exception {
        Matcher text = ROLE.matcher(Files.readString(Path.of("../docs/install.md")));
        assertThat(text.find()).isTrue();
        String json = text.group(1).replace("10.0.0.5/32", source);
        return new ObjectMapper().readValue(json, new TypeReference<>() {});
    }

    private static String signed(VaultServer vault, Map<String, Object> request) {
        return vault.call("POST", MOUNT + "/sign/shop", request)
                .at("/data/signed_key")
                .asText();
    }

    private static SshHost known(TargetHost host, String authority) {
        String line = host.run("cut", "-d", " ", "-f", "1,2", "%s/%s.pub".formatted(DIRECTORY, authority));
        return new SshHost(
                new HostName(host.name()),
                host.address(),
                PORT,
                TargetHost.USER,
                new HostTrust.CertificateAuthority(line.strip()));
    }

    private static String log(TargetHost host) {
        return host.run("cat", DIRECTORY + "/log");
    }
}
