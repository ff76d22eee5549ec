package dev.gitopsexecutor.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.model.CommitSha;
import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.HostTrust;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.ProjectName;
import dev.gitopsexecutor.model.RegistryLogin;
import dev.gitopsexecutor.policy.CheckRule;
import dev.gitopsexecutor.policy.RolloutRule;
import dev.gitopsexecutor.target.SshHost;
import dev.gitopsexecutor.target.SshIdentity;
import dev.gitopsexecutor.target.SshTarget;
import dev.gitopsexecutor.testbed.DeployEnvironment;
import dev.gitopsexecutor.testbed.RealParts;
import dev.gitopsexecutor.testbed.Registry;
import dev.gitopsexecutor.testbed.TargetHost;
import dev.gitopsexecutor.testbed.Testbed;
import java.io.OutputStream;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The registry's login is on a host for as long as a pull takes, and nowhere but in memory. */
@RealParts
class RegistryLoginIT {
    private static final String USER = "shop-puller";

    @Test
    void leavesNothingAfterAPull(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("login").create();

        new DeployWorld(testbed, environment).deploy(environment.release());

        assertThat(found(environment.hosts().getFirst(), testbed.registry().password()))
                .isEmpty();
    }

    @Test
    void hearsHowManyLayersAPullHas(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("layers").create();
        ImageRef image = ImageRef.parse("%s/shop/app:%s"
                .formatted(Registry.ADDRESS, environment.release().tag()));
        SshIdentity identity = SshIdentity.ofFile(testbed.sshKey());
        try (SshTarget target = SshTarget.open(() -> identity);
                HostDeployment deployment =
                        new HostDeployment(sshHost(environment.hosts().getFirst()), scope(target, environment))) {
            var _ = deployment.connect();
            var login = new RegistryLogin(
                    Registry.ADDRESS,
                    testbed.registry().username(),
                    testbed.registry().password());

            HostPull pull = deployment.pull(Optional.of(login), new TreeMap<>(Map.of(Releases.APP, image)));

            assertThat(pull.pulled()).containsExactly("shop/app:" + image.tag().orElseThrow());
            assertThat(deployment.pulling().orElseThrow().text())
                    .matches("pulling shop/app:\\S+: ([0-9]+) of \\1 layers");
            HostPull again = deployment.pull(Optional.of(login), new TreeMap<>(Map.of(Releases.APP, image)));
            assertThat(again.pulled()).isEmpty();
            assertThat(again.images()).isEqualTo(pull.images());
        }
    }

    /** Who pulls is gone: it ended its connection, or its end of it died. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void leavesNothingWhenAPullIsCutOff(boolean politely, Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("cut-login").create();
        TargetHost host = environment.hosts().getFirst();
        String password = "canary-" + environment.databasePassword();
        String registry = "127.0.0.1:" + environment.port();
        // Takes connections and never answers.
        host.run(
                "sh",
                "-c",
                "perl -MIO::Socket::INET -e 'my $s = IO::Socket::INET->new(LocalAddr => $ARGV[0], Listen => 9, ReuseAddr => 1) or"
                        + " die; my @all; while (my $c = $s->accept) { push @all, $c }' \"$0\" >/dev/null 2>&1 &",
                registry);
        SshIdentity identity = SshIdentity.ofFile(testbed.sshKey());
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                SshTarget target = SshTarget.open(() -> identity);
                HostDeployment deployment = new HostDeployment(sshHost(host), scope(target, environment))) {
            var _ = deployment.connect();
            Future<?> pull = threads.submit(() -> deployment.pull(
                    Optional.of(new RegistryLogin(registry, USER, password)),
                    new TreeMap<>(Map.of(Releases.APP, ImageRef.parse(registry + "/shop/app:1")))));
            Awaitility.await("the pull is under way")
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> !pulling(host, registry).isEmpty());
            assertThat(files(host, password))
                    .as("in memory alone")
                    .matches("/(run/user|dev/shm)/[^\\s]+/config\\.json");
            assertThat(arguments(host, password)).isEmpty();

            if (politely) {
                deployment.connection().close();
            } else {
                killSession(host, registry);
            }

            assertThatThrownBy(pull::get).isInstanceOf(ExecutionException.class);
            Awaitility.await("everything of it is gone")
                    .atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> {
                        assertThat(found(host, password)).isEmpty();
                        assertThat(pulling(host, registry)).isEmpty();
                    });
        } finally {
            host.run("sh", "-c", "pkill -f \"[I]NET.*$0\" || :", registry);
        }
    }

    private static SshHost sshHost(TargetHost host) {
        return new SshHost(
                new HostName(host.name()),
                host.address(),
                TargetHost.SSH_PORT,
                TargetHost.USER,
                new HostTrust.PinnedKey(host.hostKey()));
    }

    private static DeployScope scope(SshTarget target, DeployEnvironment environment) {
        return new DeployScope(
                target,
                environment.directory(),
                new ProjectName(environment.project()),
                Origin.nobody(new CommitSha("0".repeat(40))),
                "a test",
                "token",
                DeployTimes.defaults(),
                new JobLog(OutputStream.nullOutputStream(), InstantSource.system()),
                InstantSource.system(),
                RolloutRule.DEFAULT,
                PublicPlaces.of(CheckRule.DEFAULT),
                new CheckJournal(InstantSource.system()));
    }

    /** The sshd under whose shell that pull runs. */
    private static void killSession(TargetHost host, String registry) {
        host.run(
                "sh",
                "-c",
                "p=$(pgrep -o -f \"^docker pull $0\"); while ps -o comm= -p $p | grep -qx -e sh -e docker; do"
                        + " p=$(ps -o ppid= -p $p); done; kill -9 $p",
                registry);
    }

    private static String pulling(TargetHost host, String registry) {
        return host.run("sh", "-c", "pgrep -f \"^docker pull $0\" || :", registry);
    }

    private static String found(TargetHost host, String password) {
        return files(host, password) + arguments(host, password);
    }

    /** Names of files that have the password, as it is or as Docker's configuration has it. */
    private static String files(TargetHost host, String password) {
        return host.run(
                        "sh",
                        "-c",
                        "grep -rlsF -e \"$0\" -e \"$1\" /home/deploy /dev/shm /run/user /tmp /var/tmp /opt || :",
                        password,
                        encoded(password))
                .strip();
    }

    /** Lines of process arguments with it. */
    private static String arguments(TargetHost host, String password) {
        return host.run("sh", "-c", "for p in /proc/[0-9]*; do tr '\\0' ' ' <$p/cmdline && echo; done 2>/dev/null || :")
                .lines()
                .filter(line -> line.contains(password) || line.contains(encoded(password)))
                .collect(Collectors.joining("\n"));
    }

    private static String encoded(String password) {
        return Base64.getEncoder().encodeToString((USER + ":" + password).getBytes(UTF_8));
    }
}
