package dev.gitopsexecutor.job;

import static dev.gitopsexecutor.job.JobAssertions.assertNothingLeft;
import static dev.gitopsexecutor.job.JobAssertions.assertRuns;
import static dev.gitopsexecutor.job.JobAssertions.assertStatus;
import static dev.gitopsexecutor.testbed.JobResult.Status.CANCELED;
import static dev.gitopsexecutor.testbed.JobResult.Status.SUCCESS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.testbed.AppVariant;
import dev.gitopsexecutor.testbed.DeployEnvironment;
import dev.gitopsexecutor.testbed.JobResult;
import dev.gitopsexecutor.testbed.RealParts;
import dev.gitopsexecutor.testbed.Release;
import dev.gitopsexecutor.testbed.RunnerAttempt;
import dev.gitopsexecutor.testbed.RunnerJob;
import dev.gitopsexecutor.testbed.RunningJob;
import dev.gitopsexecutor.testbed.StageResult;
import dev.gitopsexecutor.testbed.TargetHost;
import dev.gitopsexecutor.testbed.Testbed;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Jobs that are canceled or killed: nothing of them goes on, and hosts are on one whole release. */
@RealParts
class CanceledJobIT {

    @Test
    void endsTheScriptInTheContainer(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("cancel-script").create();
        RunnerJob job = environment
                .job(environment.release())
                .withScript("echo script is running", "sleep 300", "echo the script slept");
        RunningJob running = environment.runner().start(job);

        running.cancelWhen(log -> log.contains("script is running\n"));
        JobResult result = running.result();

        assertStatus(result, CANCELED);
        assertThat(result.stage("build_script").orElseThrow().exitCode())
                .as("the stage came to its own end after SIGTERM")
                .isEqualTo(StageResult.BUILD_FAILURE);
        assertThat(result.log()).doesNotContain("\nthe script slept");
        assertThat(environment.hosts().getFirst().run("ls", environment.directory()))
                .isEmpty();
        assertNothingLeft(job);
    }

    @Test
    void endsOnTheOldReleaseWhenCanceledWhileTheHostChanges(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("cancel-deploy").create();
        Release good = environment.release();
        assertStatus(environment.runner().run(environment.job(good)), SUCCESS);
        RunnerJob job = environment.job(environment.release(AppVariant.UNHEALTHY));
        RunningJob running = environment.runner().start(job);

        // An unhealthy release is watched for seconds, so this moment does not pass by.
        running.cancelWhen(log -> log.contains("Deploy web-1"));
        JobResult result = running.result();

        assertStatus(result, CANCELED);
        assertThat(result.stage("build_script").orElseThrow().exitCode()).isNotZero();
        assertRuns(environment, environment.hosts().getFirst(), good);
        assertThat(result.log()).contains("CANCELED", good.tag());
        assertNothingLeft(job);
        assertStatus(environment.runner().run(environment.job(environment.release())), SUCCESS);
    }

    @Test
    void cleanupRemovesWhatAKilledStageLeft(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("killed").create();
        RunnerJob job = environment.job(environment.release()).withScript("echo script is running", "sleep 300");
        RunnerAttempt attempt = environment.runner().attempt(job);
        assertThat(attempt.config().exitCode()).isZero();
        assertThat(attempt.prepare().exitCode()).isZero();
        assertThat(attempt.stage("get_sources").orElseThrow().exitCode()).isZero();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Optional<StageResult>> script = threads.submit(() -> attempt.stage("build_script"));
            attempt.awaitLog(log -> log.contains("script is running\n"));
            attempt.kill();
            assertThat(script.get().orElseThrow().exitCode()).isEqualTo(128 + 9);
        }
        assertThat(JobAssertions.partsOf(job)).hasSize(4);

        assertThat(attempt.cleanup().exitCode()).isZero();
        assertNothingLeft(job);
        assertThat(attempt.cleanup().exitCode()).as("again, with nothing there").isZero();
        assertThat(attempt.runnerLog()).isEmpty();
    }

    @Test
    void aKilledDeployLeavesNoLockBehind(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("killed-deploy").create();
        RunnerJob job = environment.job(environment.release(AppVariant.UNHEALTHY));
        RunningJob running = environment.runner().start(job);
        assertThat(running.log().await(log -> log.contains("Deploy web-1"), Duration.ofMinutes(2)))
                .isTrue();
        running.kill();
        running.result();

        Release next = environment.release();
        assertStatus(environment.runner().run(environment.job(next)), SUCCESS);
        TargetHost host = environment.hosts().getFirst();
        assertRuns(environment, host, next);
    }
}
