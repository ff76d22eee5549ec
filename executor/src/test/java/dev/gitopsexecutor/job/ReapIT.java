package dev.gitopsexecutor.job;

import static dev.gitopsexecutor.job.Attempts.configured;
import static dev.gitopsexecutor.job.Attempts.during;
import static dev.gitopsexecutor.job.Attempts.prepared;
import static dev.gitopsexecutor.job.JobAssertions.assertNothingLeft;
import static dev.gitopsexecutor.job.JobAssertions.partsOf;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.cli.Cli;
import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.testbed.DeployEnvironment;
import dev.gitopsexecutor.testbed.RealParts;
import dev.gitopsexecutor.testbed.RunnerAttempt;
import dev.gitopsexecutor.testbed.RunnerJob;
import dev.gitopsexecutor.testbed.StageResult;
import dev.gitopsexecutor.testbed.Testbed;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runner and driver are killed with SIGKILL, so that no cleanup is started: {@code reap} leaves nothing of the job. */
@RealParts
class ReapIT {
    private static final int KILLED = 128 + 9;

    @ParameterizedTest
    @ValueSource(strings = {"config", "prepare", "prepare_script", "get_sources", "build_script"})
    void removesWhatIsThereAfter(String last, Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("reap").create();
        RunnerJob job = environment.verifyJob(environment.release());
        RunnerAttempt attempt = environment.runner().attempt(job);
        List<String> stages = List.of("prepare_script", "get_sources", "build_script");
        assertThat(attempt.config().succeeded()).isTrue();
        if (!last.equals("config")) {
            assertThat(attempt.prepare().succeeded()).isTrue();
        }
        for (String stage : stages.subList(0, stages.indexOf(last) + 1)) {
            assertThat(attempt.stage(stage).orElseThrow().succeeded()).as(stage).isTrue();
        }

        assertReaps(environment, job, last.equals("config") ? 0 : 4);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 150, 300, 450})
    void removesWhatIsThereAMomentIntoPrepare(long millis, Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("reap-prepare").create();
        RunnerJob job = environment.verifyJob(environment.release());
        RunnerAttempt attempt = configured(environment.runner(), job);
        StageResult prepare = during(attempt::prepare, () -> {
            attempt.awaitLog(log -> log.contains("helper image "));
            Thread.sleep(millis);
            attempt.kill();
        });
        assertThat(prepare.exitCode()).isIn(KILLED, 0);

        assertThat(reap(environment, Duration.ofHours(3))).doesNotContain("Cannot");
        // What the engine was just doing when its caller died may appear a moment later.
        Awaitility.await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
            reap(environment, Duration.ofHours(3));
            assertNothingLeft(job);
        });
    }

    @ParameterizedTest
    @ValueSource(longs = {100, 200})
    void removesWhatIsThereAMomentIntoCleanup(long millis, Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("reap-cleanup").create();
        RunnerJob job = environment.verifyJob(environment.release());
        RunnerAttempt attempt = prepared(environment.runner(), job);
        StageResult cleanup = during(attempt::cleanup, () -> {
            Thread.sleep(millis);
            attempt.kill();
        });
        assertThat(cleanup.exitCode()).isIn(KILLED, 0);

        reap(environment, Duration.ofHours(3));
        assertNothingLeft(job);
    }

    @Test
    void removesARunningScript(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("reap-script").create();
        RunnerJob job = environment.verifyJob(environment.release()).withScript("echo script is running", "sleep 300");
        RunnerAttempt attempt = prepared(environment.runner(), job);
        assertThat(attempt.stage("get_sources").orElseThrow().succeeded()).isTrue();
        during(() -> attempt.stage("build_script").orElseThrow(), () -> {
            attempt.awaitLog(log -> log.contains("script is running\n"));
            attempt.kill();
        });

        assertReaps(environment, job, 4);
    }

    /** With the packaged program and the machine's own clock; the containers have ended by themselves before. */
    @Test
    void endsAtTheDeadlineAndIsReapedByTheLauncher(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("reap-late").create();
        Path executorYaml = environment.configuration().executorYaml();
        Files.writeString(executorYaml, "limits: {grace: 1s}\n", StandardOpenOption.APPEND);
        Path abandoned =
                environment.configuration().stateDirectory().resolve(".jwks.json.00000000-0000-4000-8000-000000000000");
        RunnerJob job = environment.verifyJob(environment.release()).withTimeout(Duration.ofSeconds(1));
        prepared(environment.runner(), job);
        Files.writeString(abandoned, "{}");
        Files.setLastModifiedTime(abandoned, FileTime.from(Instant.now().minus(Duration.ofHours(2))));

        Awaitility.await("both containers end")
                .atMost(Duration.ofSeconds(30))
                .until(() ->
                        partsOf(job).stream().allMatch(part -> part.endsWith("-builds") || part.endsWith("-cache")));
        assertThat(partsOf(job)).hasSize(2);
        String config = "--config=" + executorYaml;
        assertThat(Launcher.run("reap", "--dry-run", config))
                .contains("job " + job.origin().id() + ": would be removed");
        assertThat(partsOf(job)).hasSize(2);
        assertThat(Launcher.run("reap", config)).contains("job " + job.origin().id() + ": removed; its deadline was ");
        assertNothingLeft(job);
        assertThat(abandoned).doesNotExist();
        assertThat(Launcher.run("reap", config)).isEqualTo("No job has anything on this machine.\n");
    }

    @Test
    void removesTheCacheOfAProjectWhenItsTimeIsOverAndNoJobUsesIt(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("reap-cache").create();
        Path executorYaml = environment.configuration().executorYaml();
        Files.writeString(
                executorYaml, Files.readString(executorYaml).replaceFirst("docker:\n", "docker:\n  keep_cache: 24h\n"));
        RunnerJob job = environment.verifyJob(environment.release());
        prepared(environment.runner(), job);
        String cache = "cache gitops-[0-9a-f]{8}-cache-%d-protected: removed; it was kept until "
                .formatted(job.source().project().id());

        assertThat(reap(environment, Duration.ofHours(23)))
                .contains(": removed")
                .doesNotContain("cache");
        assertThat(reap(environment, Duration.ofHours(25))).containsPattern(cache);
        assertThat(reap(environment, Duration.ofHours(25))).doesNotContain("cache");
    }

    private static void assertReaps(DeployEnvironment environment, RunnerJob job, int parts) {
        assertThat(partsOf(job)).hasSize(parts);
        assertThat(reap(environment, Duration.ZERO)).doesNotContain("removed");
        assertThat(partsOf(job)).as("its time is not over").hasSize(parts);
        String printed = reap(environment, Duration.ofHours(3));
        if (parts > 0) {
            assertThat(printed).contains("job " + job.origin().id() + ": removed");
        }
        assertNothingLeft(job);
    }

    /** What the command prints, that much later than now. */
    private static String reap(DeployEnvironment environment, Duration later) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Cli.run(new Invocation(
                List.of("reap", "--config=" + environment.configuration().executorYaml()),
                Map.of(),
                out,
                out,
                () -> Instant.now().plus(later),
                new Cancellation()));
        return out.toString(UTF_8);
    }
}
