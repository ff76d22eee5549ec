package dev.gitopsexecutor.target;

import static dev.gitopsexecutor.target.SshTargetTest.script;
import static dev.gitopsexecutor.target.SshTargetTest.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.HostTrust;
import dev.gitopsexecutor.testbed.RealParts;
import dev.gitopsexecutor.testbed.TargetHost;
import dev.gitopsexecutor.testbed.Testbed;
import java.time.Instant;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Certificates as ssh-keygen makes them, with OpenSSH's own sshd. */
@RealParts
class SshIT {
    private static final String DIRECTORY = "/etc/ssh-it";
    private static final int PORT = 2022;

    /** An sshd beside the host's own, set up as docs/install.md says, that logs every request. */
    private static final String START = """
            mkdir $0 && cd $0
            for name in host host_ca other_ca user_ca; do ssh-keygen -q -t ed25519 -N '' -f $name; done
            ssh-keygen -q -s host_ca -I web -h -n "$1" -V -5m:+1h host.pub
            echo 'restrict,port-forwarding,permitopen="127.0.0.1:8080" deploy' >principals
            cat >sshd_config <<END
            Port $2
            PidFile none
            LogLevel DEBUG1
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
    void provesHostAndUserByCertificates(Testbed testbed) {
        TargetHost host = testbed.host("web-1");
        host.run("sh", "-euc", START, DIRECTORY, host.address(), Integer.toString(PORT));
        Awaitility.await("the second sshd").until(() -> log(host).contains("Server listening"));
        EphemeralSshKey key = EphemeralSshKey.generate();
        SshIdentity identity = key.certified(signed(host, key.publicKey()), Set.of(TargetHost.USER), Instant.now());
        try (SshTarget target = SshTarget.open(identity)) {
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

    private static String signed(TargetHost host, String publicKey) {
        return host.run("sh", "-euc", """
                cd $0
                printf '%s\\n' "$1" >key.pub
                ssh-keygen -q -s user_ca -I deploy-1 -n deploy -V -1m:+5m -O clear -O permit-port-forwarding key.pub
                cat key-cert.pub
                """, DIRECTORY, publicKey);
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
