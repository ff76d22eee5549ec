package dev.gitopsexecutor.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.testbed.JobResult.Status;
import dev.gitopsexecutor.testbed.RunnerJob.Variable;
import dev.gitopsexecutor.testbed.RunnerJob.Variable.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The harness does what a real runner was seen to do, held against a driver that runs scripts on this machine. */
@RealParts
final class RunnerHarnessIT {
    private final DeployEnvironment staging;
    private final String gitLabUrl;

    @TempDir
    private Path state;

    RunnerHarnessIT(Testbed testbed) {
        this.staging = testbed.environment("staging");
        this.gitLabUrl = testbed.gitLab().url();
    }

    @BeforeEach
    void installDriver() throws IOException {
        Path driver = state.resolve("driver.sh");
        try (InputStream text = Objects.requireNonNull(getClass().getResourceAsStream("driver.sh"))) {
            Files.copy(text, driver);
        }
        Files.setPosixFilePermissions(driver, PosixFilePermissions.fromString("rwx------"));
    }

    private RunnerHarness runner() {
        return new RunnerHarness(RunnerHarness.Settings.of(
                        state.resolve("driver.sh"),
                        state.resolve("executor.yaml"),
                        new WorldDirectory(state),
                        gitLabUrl))
                .withRetryDelay(Duration.ofMillis(10));
    }

    private RunnerJob job() throws Exception {
        return staging.job(staging.release());
    }

    @Test
    void smallestJobClonesAndRunsItsScriptInTheStagesOfARealRunner() throws Exception {
        JobResult result = runner().run(job().withScript("test -f compose.yaml && echo \"it's $CI_ENVIRONMENT_NAME\""));

        assertThat(result.status()).as(result.log()).isEqualTo(Status.SUCCESS);
        assertThat(result.stageNames())
                .containsExactly("config", "prepare", "prepare_script", "get_sources", "build_script", "cleanup");
        assertThat(result.log()).contains("it's staging", "driver probe 1", "Job succeeded");
        assertThat(result.runnerLog()).isEqualTo("cleaned\n");
    }

    @Test
    void fullJobRunsAllStagesInTheRunnersOrder() throws Exception {
        JobResult result = runner().run(job().withScript("cat \"$MY_FILE\"", "echo GREETING=hello >>\"$GITLAB_ENV\"")
                .withRelease("echo $CI_JOB_STATUS, $GREETING")
                .withAfterScript("echo after $CI_JOB_STATUS")
                .withKept("out")
                .withVariable(new Variable("MY_FILE", "line1\nline2", Kind.FILE)));

        assertThat(result.log()).contains("line1\nline2", "\nrunning, hello\n", "after success");
        assertThat(result.stageNames())
                .containsExactly(
                        "config",
                        "prepare",
                        "prepare_script",
                        "get_sources",
                        "restore_cache",
                        "build_script",
                        "step_release",
                        "after_script",
                        "archive_cache",
                        "upload_artifacts_on_success",
                        "cleanup_file_variables",
                        "cleanup");
    }

    @Test
    void scriptsOwnExitCodeIsReadFromTheFile() throws Exception {
        JobResult result = runner().withTrappedScripts()
                .run(job().withScript("exit 42")
                        .withRelease("echo released")
                        .withAfterScript("echo after $CI_JOB_STATUS")
                        .withKept("out"));

        assertThat(result.status()).isEqualTo(Status.SCRIPT_FAILURE);
        assertThat(result.stageNames())
                .endsWith(
                        "restore_cache",
                        "build_script",
                        "after_script",
                        "archive_cache_on_failure",
                        "upload_artifacts_on_failure",
                        "cleanup");
        assertThat(result.log()).contains("after failed", "Job failed: exit status 42");
    }

    @Test
    void runnerBefore17Point9NamesNoExitCodeFile() throws Exception {
        JobResult result = runner().withoutExitCodeFile().run(job().withScript("exit 42"));

        assertThat(result.log()).contains("Job failed: exit status 1");
    }

    @Test
    void prepareIsTriedThreeTimesAfterASystemFailureAndOnceAfterABuildFailure() throws Exception {
        Files.writeString(state.resolve("prepare-exit"), "2");
        JobResult system = runner().run(job());
        assertThat(system.status()).isEqualTo(Status.SYSTEM_FAILURE);
        assertThat(system.stageNames()).isEqualTo(repeat(3, "config", "prepare", "cleanup"));

        Files.writeString(state.resolve("prepare-exit"), "1");
        JobResult build = runner().run(job());
        assertThat(build.status()).isEqualTo(Status.SCRIPT_FAILURE);
        assertThat(build.stageNames()).isEqualTo(repeat(1, "config", "prepare", "cleanup"));
    }

    private static List<String> repeat(int times, String... names) {
        return java.util.Collections.nCopies(times, List.of(names)).stream()
                .flatMap(List::stream)
                .toList();
    }

    @Test
    void cancelEndsTheScriptAndOnlyCleanupFollows() throws Exception {
        RunningJob running =
                runner().start(job().withScript("echo started", "sleep 600").withAfterScript("echo after"));
        running.cancelWhen(log -> log.contains("\nstarted\n"));
        JobResult result = running.result();

        assertThat(result.status()).isEqualTo(Status.CANCELED);
        assertThat(result.stageNames().getLast()).isEqualTo("cleanup");
        assertThat(result.stageNames()).doesNotContain("after_script");
    }

    @ParameterizedTest
    @CsvSource({"CANCELED, canceled", "TIMED_OUT, timedout"})
    void cancelWithGraceAndTimeoutEndTheStepsAlone(Status status, String seen) throws Exception {
        RunningJob running = runner().start(job().withScript("echo started", "sleep 600")
                .withRelease("echo released")
                .withAfterScript("echo after $CI_JOB_STATUS"));
        running.endStepsWhen(log -> log.contains("\nstarted\n"), status);
        JobResult result = running.result();

        assertThat(result.status()).isEqualTo(status);
        assertThat(result.stageNames()).endsWith("build_script", "after_script", "cleanup");
        assertThat(result.log()).contains("\nafter " + seen + "\n");
    }

    @Test
    void sourcesThatCannotBeHadAreTriedAgainInACleanDirectory() throws Exception {
        JobResult result = runner().run(job().withSource(source -> new RunnerJob.Source(
                        source.project(), "/no/repository", source.branch(), source.sha(), source.isProtected()))
                .withAfterScript("echo after")
                .withKept("out")
                .withVariable("GET_SOURCES_ATTEMPTS", "3"));

        assertThat(result.status()).isEqualTo(Status.SCRIPT_FAILURE);
        assertThat(result.stageNames())
                .containsExactly(
                        "config",
                        "prepare",
                        "prepare_script",
                        "get_sources",
                        "clear_worktree",
                        "get_sources",
                        "get_sources",
                        "archive_cache_on_failure",
                        "upload_artifacts_on_failure",
                        "cleanup");
    }

    @Test
    void eachProcessLeadsItsOwnGroupInAPrivateDirectory() throws Exception {
        assertThat(runner().run(job()).log()).contains("preparing yes ").contains(" 600\n");

        assertThat(Files.readAllLines(state.resolve("calls"))).hasSize(6).allSatisfy(line -> {
            assertThat(line).matches("\\w+ cwd=(\\S+) tmpdir=\\1 pgid=(\\d+) pid=\\2");
        });
        try (var left = Files.list(state.resolve("runner"))) {
            assertThat(left).isEmpty();
        }
    }
}
