package dev.gitopsexecutor.job;

import static dev.gitopsexecutor.job.JobAssertions.assertRuns;
import static dev.gitopsexecutor.job.JobAssertions.assertStatus;
import static dev.gitopsexecutor.testbed.JobResult.Status.SCRIPT_FAILURE;
import static dev.gitopsexecutor.testbed.JobResult.Status.SUCCESS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.testbed.DeployEnvironment;
import dev.gitopsexecutor.testbed.JobResult;
import dev.gitopsexecutor.testbed.RealParts;
import dev.gitopsexecutor.testbed.Release;
import dev.gitopsexecutor.testbed.RunnerJob;
import dev.gitopsexecutor.testbed.Testbed;
import org.junit.jupiter.api.Test;

/** What came first is told by the commits of the real repository, and only then by the numbers of pipelines. */
@RealParts
class OutdatedJobIT {

    @Test
    void lastCommitWinsWhateverTheNumbersOfPipelines(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("order").create();
        Release first = environment.release();
        Release second = environment.release();
        Release third = environment.release();
        RunnerJob newerCommitAhead = environment.prepareJob(third);
        RunnerJob newerCommit = environment.job(third);
        RunnerJob newerPipeline = environment.job(second);
        assertStatus(environment.runner().run(newerPipeline), SUCCESS);
        JobResult ahead = environment.runner().run(newerCommitAhead);

        JobResult later = environment.runner().run(newerCommit);
        JobResult back = environment.runner().run(environment.job(first));

        JobResult backAhead = environment.runner().run(environment.prepareJob(first));

        assertStatus(ahead, SUCCESS);
        assertThat(ahead.log()).doesNotContain("would be refused");
        assertStatus(backAhead, SUCCESS);
        assertThat(backAhead.log())
                .contains("a deploy would be refused: commit %s is older than"
                        .formatted(first.sha().substring(0, 8)));
        assertStatus(later, SUCCESS);
        assertThat(later.log())
                .contains("pipeline %d is older than %d, but its commit is newer: it may come"
                        .formatted(
                                newerCommit.origin().pipelineId(),
                                newerPipeline.origin().pipelineId()));
        assertStatus(back, SCRIPT_FAILURE);
        assertThat(back.log())
                .contains("OUTDATED")
                .contains("commit %s is older than %s, which job %d deployed there"
                        .formatted(
                                first.sha().substring(0, 8),
                                third.sha().substring(0, 8),
                                newerCommit.origin().id()));
        assertRuns(environment, environment.hosts().getFirst(), third);
    }
}
