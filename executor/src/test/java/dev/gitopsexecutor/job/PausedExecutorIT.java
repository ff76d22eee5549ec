package dev.gitopsexecutor.job;

import static dev.gitopsexecutor.job.JobAssertions.assertRuns;
import static dev.gitopsexecutor.job.JobAssertions.assertStatus;
import static dev.gitopsexecutor.testbed.JobResult.Status.SUCCESS;
import static dev.gitopsexecutor.testbed.JobResult.Status.SYSTEM_FAILURE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.testbed.AppVariant;
import dev.gitopsexecutor.testbed.DeployEnvironment;
import dev.gitopsexecutor.testbed.JobResult;
import dev.gitopsexecutor.testbed.RealParts;
import dev.gitopsexecutor.testbed.Release;
import dev.gitopsexecutor.testbed.RunningJob;
import dev.gitopsexecutor.testbed.TargetHost;
import dev.gitopsexecutor.testbed.Testbed;
import org.junit.jupiter.api.Test;

/** The executor itself stops for a while in the middle of a deploy. */
@RealParts
class PausedExecutorIT {

    @Test
    void writesNothingOnceAnotherDeployCame(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("paused").create();
        TargetHost host = environment.hosts().getFirst();
        assertStatus(environment.runner().run(environment.job(environment.release())), SUCCESS);
        RunningJob paused = environment.runner().start(environment.job(environment.release(AppVariant.UNHEALTHY)));
        paused.pauseWhen(log -> log.contains("is current, its containers are started"));
        Release next = environment.release();

        JobResult other = environment.runner().run(environment.job(next));

        assertStatus(other, SUCCESS);
        assertThat(other.log())
                .as("the host took the paused one for gone")
                .contains("waiting for the lock: held by job");
        String fence = host.run("cat", environment.directory() + "/.gitops/fence");

        paused.resume();
        JobResult overtaken = paused.result();

        assertStatus(overtaken, SYSTEM_FAILURE);
        assertThat(overtaken.log())
                .contains("[LOCK_LOST]", "this deploy lost its lock before it had ended, and another came")
                .containsPattern("another deploy made \\S+ current meanwhile; it was left alone")
                .containsPattern("web-1 .* left to another deploy");
        assertRuns(environment, host, next);
        assertThat(Integer.parseInt(host.run("cat", environment.directory() + "/.gitops/fence")
                        .strip()))
                .as("it took the lock once more, to look")
                .isEqualTo(Integer.parseInt(fence.strip()) + 1);
    }
}
