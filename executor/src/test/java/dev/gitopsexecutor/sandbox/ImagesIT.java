package dev.gitopsexecutor.sandbox;

import static dev.gitopsexecutor.sandbox.RealSandbox.JOB;
import static dev.gitopsexecutor.sandbox.RealSandbox.JOB_IMAGE;
import static dev.gitopsexecutor.sandbox.RealSandbox.LIMITS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.model.Digest;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.RegistryLogin;
import dev.gitopsexecutor.model.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Images that are there, are not, or do not fit, on a real engine. */
@Timeout(120)
class ImagesIT {
    private static final ImageRef BUSYBOX = ImageRef.parse("gitops-executor/app:1");
    private static final Duration LIMIT = Duration.ofMinutes(1);

    private RealSandbox real;

    @BeforeEach
    void prepare() {
        real = new RealSandbox();
    }

    @AfterEach
    void remove() {
        if (real != null) {
            real.close();
        }
    }

    @Test
    void scriptsRunInAshWhereThereIsNoBash() {
        start(BUSYBOX);

        RealSandbox.Result result =
                real.run(Role.JOB, "trap 'exit 1' TERM\n(eval $'echo \\x41; exit 42') < /dev/null\nexit 0\n");

        assertThat(result.out()).isEqualTo("A\n");
        assertThat(real.run(Role.JOB, "sleep 300 & exit 42\n").code()).isEqualTo(42);
    }

    @Test
    void imageThatItsRegistryDoesNotHaveIsTheJobsFault() throws IOException {
        try (RegistryStub registry = RegistryStub.open(Optional.empty())) {
            assertFails(
                    FailureCode.IMAGE_UNAVAILABLE,
                    "manifest unknown",
                    () -> start(ImageRef.parse(registry.address() + "/no/such:1")));
        }
    }

    @Test
    void registryThatDoesNotAnswerIsNotTheJobsFault() throws IOException {
        RegistryStub registry = RegistryStub.open(Optional.empty());
        registry.close();

        assertFails(
                FailureCode.IMAGE_PULL_FAILED,
                "connection refused",
                () -> start(ImageRef.parse(registry.address() + "/no/such:1")));
    }

    @Test
    void registryGetsTheJobsLoginAndNoOther() throws IOException {
        RegistryLogin login = new RegistryLogin("", "job", "job-password");
        try (RegistryStub registry = RegistryStub.open(Optional.of(login))) {
            ImageRef image = ImageRef.parse(registry.address() + "/no/such:1");
            assertFails(FailureCode.IMAGE_UNAVAILABLE, "no basic auth credentials", () -> start(image));

            SandboxSpec spec = RealSandbox.spec(JOB, image, LIMIT)
                    .withImages(it -> new SandboxSpec.Image(
                            it.name(), Optional.of(new RegistryLogin(registry.address(), "job", "job-password"))));
            assertFails(FailureCode.IMAGE_UNAVAILABLE, "manifest unknown", () -> real.start(spec));
        }
    }

    @Test
    void imageWithoutAShellIsTheJobsFaultAndLeavesNothing() {
        ImageRef image = real.build("FROM scratch\nCOPY Dockerfile /\n");

        assertFails(FailureCode.IMAGE_UNSUITABLE, "lacks sh or sleep", () -> start(image));
    }

    @Test
    void onlyAContainerThatEndsIsToldToEnd() {
        real.start();
        Execs execs = new Execs(new EngineSocket(RealSandbox.SOCKET));

        assertThat(execs.containerEnds("wait", real.container(Role.JOB), Duration.ofMillis(200)))
                .isFalse();
        execs.kill(real.container(Role.JOB));
        assertThat(execs.containerEnds("wait", real.container(Role.JOB), LIMIT)).isTrue();
        real.sandbox.remove(JOB);
        assertThat(execs.containerEnds("wait", real.container(Role.JOB), LIMIT)).isTrue();
    }

    @Test
    void helperImageWithoutGitIsThePlatformsFaultAndLeavesNothing() {
        try (RealSandbox other = new RealSandbox(LIMITS, BUSYBOX)) {
            assertThatThrownBy(other::start).isInstanceOfSatisfying(ExecutorException.class, failed -> {
                assertThat(failed.code()).isEqualTo(FailureCode.HELPER_IMAGE_UNSUITABLE);
                assertThat(failed.failure().saw()).isEqualTo("the image lacks git");
            });
            assertThat(other.remains()).isEmpty();
        }
    }

    @Test
    void helpersGitlabRunnerOfAnotherVersionIsTold(@TempDir Path directory) throws IOException {
        Path program = Files.writeString(directory.resolve("gitlab-runner"), """
                #!/bin/sh
                printf 'Version:      16.11.1\\nGit revision: 535ced5f\\n'
                """);
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        var helper = new SandboxSettings.Helper(RealSandbox.HELPER_IMAGE, "bridge", Optional.of(program));
        try (RealSandbox other = new RealSandbox(LIMITS, helper, Optional.empty())) {
            other.start();

            assertThat(other.log()).contains("The helper's gitlab-runner is 16.11.1, this runner is 17.0.0");
            assertThat(other.run(Role.HELPER, "echo > /usr/local/bin/gitlab-runner\n")
                            .code())
                    .isNotZero();
        }
        real.start();
        assertThat(real.log()).doesNotContain("gitlab-runner");
    }

    @Test
    void helpersGitlabRunnerThatDoesNotStartIsThePlatformsFault(@TempDir Path directory) throws IOException {
        Path program = Files.writeString(directory.resolve("gitlab-runner"), "#!/no/such/program\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        var helper = new SandboxSettings.Helper(RealSandbox.HELPER_IMAGE, "bridge", Optional.of(program));
        try (RealSandbox other = new RealSandbox(LIMITS, helper, Optional.empty())) {
            assertFails(
                    FailureCode.HELPER_IMAGE_UNSUITABLE, "the image lacks a gitlab-runner that starts", other::start);
        }
    }

    @Test
    void imageCannotBringAnEntrypointAUserAWritableVolumeOrACheck() {
        ImageRef image = real.build("""
                FROM gitops-executor/job:1
                USER root
                VOLUME /data
                ENTRYPOINT ["/bin/false"]
                HEALTHCHECK --interval=1s CMD touch /tmp/checked
                """);
        start(image);

        RealSandbox.Result result = real.run(Role.JOB, "id -u; grep -o ' /data tmpfs .*noexec' /proc/mounts; exit 0\n");

        assertThat(result.out()).startsWith("65532\n /data tmpfs ").endsWith("noexec\n");
        assertThat(real.inspect(Role.JOB).getState().getHealth()).isNull();
    }

    @Test
    void imagesOwnVolumesDoNotCoverThoseOfTheJob() {
        ImageRef image = real.build("""
                FROM gitops-executor/job:1
                USER root
                VOLUME /builds/ /cache
                """);
        start(image);

        assertThat(real.run(Role.HELPER, "echo shared | tee /builds/file >/cache/file\n")
                        .code())
                .isZero();
        assertThat(real.run(Role.JOB, "cat /builds/file /cache/file\n").out()).isEqualTo("shared\nshared\n");
    }

    @Test
    void imageWithAVolumeOverTheKernelsFilesIsTheJobsFault() {
        ImageRef image = real.build("FROM gitops-executor/job:1\nVOLUME /proc/sys/\n");

        assertFails(FailureCode.IMAGE_UNSUITABLE, "it declares a volume at \"/proc/sys/\"", () -> start(image));
    }

    /** The engine would make volumes on disk of paths that are not in their shortest form. */
    @Test
    void imageGetsNoDiskHoweverItWritesItsVolumes() {
        String paths = IntStream.range(0, 16).mapToObj("/d%d"::formatted).collect(Collectors.joining(" "));
        ImageRef image = real.build("""
                FROM gitops-executor/job:1
                RUN mkdir -m 0777 %s
                VOLUME %s
                """.formatted(paths, paths.replace(" ", "/ ") + "/"));
        start(image);

        RealSandbox.Result result = real.run(Role.JOB, """
                for path in /d[0-9]*; do
                  cp /bin/true "$path/program" && "$path/program" && echo "$path runs programs"
                  stat -f -c %T "$path"
                done 2>/dev/null | sort | uniq -c | tr -s ' '
                """);

        assertThat(result.out()).isEqualTo(" 16 tmpfs\n");
        assertThat(real.inspect(Role.JOB).getMounts())
                .extracting(mount -> String.valueOf(mount.getDestination()))
                .containsExactlyInAnyOrder("/builds", "/cache");
    }

    @Test
    void digestIsRunAndNotTheTagBesideIt() {
        ImageRef pinned = JOB_IMAGE.withDigest(new Digest("sha256:" + "0".repeat(64)));

        assertThatThrownBy(() -> start(pinned)).isInstanceOf(ExecutorException.class);
        assertThat(real.remains()).isEmpty();
    }

    private void start(ImageRef image) {
        real.start(RealSandbox.spec(JOB, image, Duration.ofMinutes(10)));
    }

    private void assertFails(FailureCode code, String saw, ThrowingCallable act) {
        assertThatThrownBy(act).isInstanceOfSatisfying(ExecutorException.class, failed -> {
            assertThat(failed.failure().saw()).containsIgnoringCase(saw);
            assertThat(failed.code()).isEqualTo(code);
        });
        assertThat(real.remains()).isEmpty();
    }
}
