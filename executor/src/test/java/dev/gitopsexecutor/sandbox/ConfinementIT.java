package dev.gitopsexecutor.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.LogConfig;
import dev.gitopsexecutor.model.Role;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each control, probed from inside and on the engine. */
class ConfinementIT {
    private static RealSandbox real;

    @BeforeAll
    static void start() {
        real = new RealSandbox().start();
    }

    @AfterAll
    static void remove() {
        if (real != null) {
            real.close();
        }
    }

    @ParameterizedTest
    @EnumSource(Role.class)
    void scriptHasNoCapabilityNoNewPrivilegesAndASystemCallFilter(Role role) {
        String status = inside(role, "cat /proc/self/status");

        assertThat(status)
                .containsPattern("CapInh:\\s+0{16}\n")
                .containsPattern("CapPrm:\\s+0{16}\n")
                .containsPattern("CapEff:\\s+0{16}\n")
                .containsPattern("CapBnd:\\s+0{16}\n")
                .containsPattern("CapAmb:\\s+0{16}\n")
                .containsPattern("NoNewPrivs:\\s+1\n")
                .containsPattern("Seccomp:\\s+2\n");
    }

    @ParameterizedTest
    @EnumSource(Role.class)
    void scriptIsAnUnprivilegedUser(Role role) {
        assertThat(inside(role, "id -u; id -g; id -G")).isEqualTo("65532\n65532\n65532\n");
    }

    @ParameterizedTest
    @EnumSource(Role.class)
    void scriptCannotTouchWhatEndsTheContainerAtItsDeadline(Role role) {
        String script = """
                for directory in /proc/[0-9]*; do
                  read -r program < "$directory/comm" || continue
                  case $program in
                    sleep|docker-init|tini) kill -STOP "${directory#/proc/}" 2>/dev/null && echo "stopped $program" ;;
                  esac
                done
                kill -KILL 1 2>/dev/null && echo killed
                echo looked
                """;

        assertThat(inside(role, script)).isEqualTo("looked\n");
    }

    @ParameterizedTest
    @EnumSource(Role.class)
    void rootFileSystemIsReadOnly(Role role) {
        assertThat(inside(role, "touch /x /etc/x /usr/x 2>/dev/null || echo refused; grep ' / ' /proc/mounts"))
                .startsWith("refused\n")
                .containsPattern(" / overlay ro,");
    }

    @ParameterizedTest
    @EnumSource(Role.class)
    void temporaryDirectoriesRunNoProgram(Role role) {
        String script = """
                for directory in /tmp /run "$HOME"; do
                  cp /bin/true "$directory/program" && chmod +x "$directory/program"
                  "$directory/program" 2>/dev/null
                  echo "$directory $?"
                  grep " $directory " /proc/mounts | grep -c 'noexec' | grep -x 1 >/dev/null || echo "no noexec"
                  grep " $directory " /proc/mounts | grep 'nosuid' | grep -c 'nodev' | grep -x 1 >/dev/null || echo "no nosuid,nodev"
                  rm "$directory/program"
                done
                """;

        assertThat(inside(role, script)).isEqualTo("/tmp 126\n/run 126\n/home/job 126\n");
    }

    @Test
    void workspaceIsSharedAndOwnedByTheScriptsUser() {
        assertThat(inside(Role.HELPER, "stat -c '%u:%g %a' /builds /cache; echo hello > /builds/file; umask"))
                .isEqualTo("65532:65532 700\n65532:65532 700\n0022\n");
        assertThat(inside(Role.JOB, "cat /builds/file; grep -E ' /(builds|cache) ' /proc/mounts"))
                .startsWith("hello\n")
                .containsPattern("tmpfs /builds tmpfs rw,nosuid,nodev,")
                .containsPattern("tmpfs /cache tmpfs rw,nosuid,nodev,");
    }

    @Test
    void workspaceHasASize() {
        String script = """
                head -c 60m /dev/zero > /builds/one && echo one
                head -c 60m /dev/zero > /builds/two 2>/dev/null || echo full
                rm -f /builds/one /builds/two
                """;

        assertThat(inside(Role.HELPER, script)).isEqualTo("one\nfull\n");
    }

    @ParameterizedTest
    @EnumSource(Role.class)
    void nothingOfTheHostIsMounted(Role role) {
        String script = """
                ls -d /var/run/docker.sock /run/docker.sock 2>/dev/null
                grep -E ' - (ext4|xfs|btrfs|zfs) ' /proc/self/mountinfo | while read -r _ _ _ _ path _; do echo "$path"; done
                ls /dev
                """;

        assertThat(inside(role, script).split("\n"))
                .isSubsetOf(
                        // What the engine itself writes for each container.
                        "/etc/resolv.conf",
                        "/etc/hostname",
                        "/etc/hosts",
                        "/sbin/docker-init",
                        "/usr/sbin/docker-init",
                        "core",
                        "fd",
                        "full",
                        "mqueue",
                        "null",
                        "ptmx",
                        "pts",
                        "random",
                        "shm",
                        "stderr",
                        "stdin",
                        "stdout",
                        "tty",
                        "urandom",
                        "zero");
    }

    @Test
    void jobContainerHasNoNetworkAndTheHelperHasOne() {
        String script = "while read -r name _; do echo \"$name\"; done < /proc/net/dev | grep : ; exit 0\n";

        assertThat(inside(Role.JOB, script)).isEqualTo("lo:\n");
        assertThat(inside(Role.HELPER, script)).contains("eth0:");
    }

    @ParameterizedTest
    @EnumSource(Role.class)
    void numberOfProcessesIsLimited(Role role) {
        // Not bash, which tries again for 15 s.
        String script = """
                exec sh -c 'for number in 0 1 2 3 4 5 6 7; do
                  for again in 0 1 2 3 4 5 6 7; do sleep 60 & done
                done
                echo more than there may be'
                """;

        RealSandbox.Result result = real.run(role, script);

        assertThat(result.code()).isNotZero();
        assertThat(result.out()).isEmpty();
        assertThat(inside(role, "echo the container still works")).isEqualTo("the container still works\n");
    }

    @ParameterizedTest
    @EnumSource(Role.class)
    void limitsOfEachProcessAreLow(Role role) {
        assertThat(inside(role, "ulimit -c; ulimit -Hc; ulimit -n; ulimit -Hn; ulimit -f; ulimit -Hf"))
                .isEqualTo("0\n0\n1024\n1024\n65536\n65536\n");
    }

    @ParameterizedTest
    @EnumSource(Role.class)
    void kernelSwitchesAndKernelMemoryAreOutOfReach(Role role) {
        String script = """
                (echo 1 > /proc/sys/kernel/printk) 2>/dev/null && echo written
                head -c 1 /proc/kcore 2>/dev/null | wc -c
                ls /sys/firmware | wc -l
                unshare -Ur true 2>/dev/null && echo unshared
                exit 0
                """;

        assertThat(inside(role, script)).isEqualTo("0\n0\n");
    }

    @ParameterizedTest
    @EnumSource(Role.class)
    void engineShowsEveryControl(Role role) {
        InspectContainerResponse container = real.engine.call(
                "inspect",
                Duration.ofSeconds(30),
                docker -> docker.inspectContainerCmd(real.container(role)).exec());
        HostConfig host = container.getHostConfig();

        assertThat(host.getPrivileged()).isFalse();
        assertThat(host.getCapDrop()).containsExactly(Capability.ALL);
        assertThat(host.getCapAdd()).isNullOrEmpty();
        assertThat(host.getSecurityOpts()).containsExactly("no-new-privileges=true");
        assertThat(host.getReadonlyRootfs()).isTrue();
        assertThat(host.getBinds()).isNullOrEmpty();
        assertThat(host.getDevices()).isNullOrEmpty();
        assertThat(host.getPidMode()).isEmpty();
        assertThat(host.getIpcMode()).isEqualTo("private");
        assertThat(host.getUsernsMode()).isEmpty();
        assertThat(host.getInit()).isTrue();
        assertThat(host.getAutoRemove()).isTrue();
        assertThat(host.getRestartPolicy().getName()).isIn("", "no");
        assertThat(host.getLogConfig().getType()).isEqualTo(LogConfig.LoggingType.NONE);
        assertThat(host.getPidsLimit()).isEqualTo(64);
        assertThat(host.getMemory()).isEqualTo(128L * 1024 * 1024);
        assertThat(host.getMemorySwap()).isEqualTo(128L * 1024 * 1024);
        assertThat(host.getNanoCPUs()).isEqualTo(1_000_000_000L);
        assertThat(container.getConfig().getUser()).isEqualTo("65533:65533");
        assertThat(Arrays.toString(container.getConfig().getEnv())).contains("HOME=/home/job");
        assertThat(container.getConfig().getLabels())
                .containsEntry("dev.gitopsexecutor.job", "71")
                .containsEntry("dev.gitopsexecutor.project", "22")
                .containsEntry("dev.gitopsexecutor.environment", "staging")
                .containsEntry("dev.gitopsexecutor.instance", real.settings.instance());
    }

    private static String inside(Role role, String script) {
        RealSandbox.Result result = real.run(role, script);
        assertThat(result.code()).as(result.err()).isZero();
        return result.out();
    }
}
