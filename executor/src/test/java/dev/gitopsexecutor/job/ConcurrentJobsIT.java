package dev.gitopsexecutor.job;

import static dev.gitopsexecutor.job.JobAssertions.assertNothingLeft;
import static dev.gitopsexecutor.job.JobAssertions.assertRuns;
import static dev.gitopsexecutor.job.JobAssertions.assertStatus;
import static dev.gitopsexecutor.testbed.JobResult.Status.SUCCESS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.testbed.DeployEnvironment;
import dev.gitopsexecutor.testbed.JobResult;
import dev.gitopsexecutor.testbed.RealParts;
import dev.gitopsexecutor.testbed.Release;
import dev.gitopsexecutor.testbed.RunnerJob;
import dev.gitopsexecutor.testbed.RunningJob;
import dev.gitopsexecutor.testbed.TargetHost;
import dev.gitopsexecutor.testbed.Testbed;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Two jobs at once on one machine, and on one host. */
@RealParts
class ConcurrentJobsIT {

    @Test
    void twoEnvironmentsDoNotMeet(Testbed testbed) throws Exception {
        DeployEnvironment one = testbed.newEnvironment("at-once").on("web-1").create();
        DeployEnvironment two = testbed.newEnvironment("at-once").on("web-1").create();
        Release firstRelease = one.release();
        Release secondRelease = two.release();
        RunnerJob firstJob = one.job(firstRelease);
        RunnerJob secondJob = two.job(secondRelease);

        RunningJob first = one.runner().start(firstJob);
        RunningJob second = two.runner().start(secondJob);

        assertStatus(first.result(), SUCCESS);
        assertStatus(second.result(), SUCCESS);
        TargetHost host = testbed.host("web-1");
        assertRuns(one, host, firstRelease);
        assertRuns(two, host, secondRelease);
        assertNothingLeft(firstJob);
        assertNothingLeft(secondJob);
    }

    /** More than the machine has processors for; each has its own workspace, names and end. */
    @Test
    void tenJobsShareNothing(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("ten").create();
        Release release = environment.release();
        List<RunnerJob> jobs = new ArrayList<>();
        List<RunningJob> running = new ArrayList<>();
        for (int number = 0; number < 10; number++) {
            RunnerJob job = environment.verifyJob(release);
            jobs.add(job.withScript(
                    "ls -A /builds /tmp | grep -v '^/' | tr '\\n' ' '",
                    "echo %d > /tmp/mine; echo %1$d > /builds/mine"
                            .formatted(job.origin().id()),
                    "sleep $((RANDOM % 5))",
                    "echo mine: $(cat /tmp/mine) $(cat /builds/mine)"));
        }
        for (RunnerJob job : jobs) {
            running.add(environment.runner().start(job));
        }

        for (int number = 0; number < jobs.size(); number++) {
            RunnerJob job = jobs.get(number);
            JobResult result = running.get(number).result();
            assertStatus(result, SUCCESS);
            assertThat(result.log())
                    .contains("mine: %d %1$d".formatted(job.origin().id()));
            assertNothingLeft(job);
        }
    }

    @Test
    void oneHostHasOneWriter(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("one-writer").create();
        Release older = environment.release();
        Release newer = environment.release();
        RunnerJob olderJob = environment.job(older);
        RunnerJob newerJob = environment.job(newer);

        RunningJob second = environment.runner().start(newerJob);
        RunningJob first = environment.runner().start(olderJob);
        JobResult olderResult = first.result();
        JobResult newerResult = second.result();

        // Whoever comes first, the newer release is there in the end; the older one ran before it or was refused.
        assertStatus(newerResult, SUCCESS);
        assertRuns(environment, environment.hosts().getFirst(), newer);
        if (olderResult.status() != SUCCESS) {
            assertThat(olderResult.log()).contains("OUTDATED");
        }
    }
}
