package dev.gitopsexecutor.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.LogConfig;
import dev.gitopsexecutor.model.Role;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the probe of {@link ProbeIT} does not try: limits that are reached, and the engine's own view. */
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
    void engineShowsEveryControl(Role role) {
        InspectContainerResponse container = real.inspect(role);
        HostConfig host = container.getHostConfig();

        assertThat(host.getPrivileged()).isFalse();
        assertThat(host.getCapDrop()).containsExactly(Capability.ALL);
        assertThat(host.getCapAdd()).isNullOrEmpty();
        assertThat(host.getSecurityOpts())
                .contains("no-new-privileges=true")
                .anyMatch(option -> option.startsWith("seccomp={"));
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
