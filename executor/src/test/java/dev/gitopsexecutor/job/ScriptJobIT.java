package dev.gitopsexecutor.job;

import static dev.gitopsexecutor.job.JobAssertions.assertStatus;
import static dev.gitopsexecutor.testbed.JobResult.Status.SCRIPT_FAILURE;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gitopsexecutor.testbed.DeployEnvironment;
import dev.gitopsexecutor.testbed.JobResult;
import dev.gitopsexecutor.testbed.RealParts;
import dev.gitopsexecutor.testbed.RunnerJob;
import dev.gitopsexecutor.testbed.Testbed;
import org.junit.jupiter.api.Test;

/** What the runner is told of a script, and that a red script deploys nothing. */
@RealParts
class ScriptJobIT {

    @Test
    void passesTheScriptsOwnCodeOnAndDeploysNothing(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("red").create();
        RunnerJob job = environment
                .job(environment.release())
                .withScript("exit 42")
                .withAfterScript("echo after=$CI_JOB_STATUS");

        JobResult result = environment.runner().run(job);

        assertStatus(result, SCRIPT_FAILURE);
        assertThat(result.stage("build_script").orElseThrow().buildExitCode()).isEqualTo("42");
        assertThat(result.log()).contains("after=failed");
        assertThat(environment.hosts().getFirst().run("ls", environment.directory()))
                .isEmpty();
    }

    @Test
    void doesWithoutAnExitCodeFile(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("old-runner").create();
        RunnerJob job = environment.job(environment.release()).withScript("exit 42");
        assertStatus(environment.runner().withoutExitCodeFile().run(job), SCRIPT_FAILURE);
    }

    @Test
    void configPrintsOneJsonObjectAndNothingElse(Testbed testbed) throws Exception {
        String config =
                "--config=" + testbed.environment("staging").configuration().executorYaml();

        String printed = Launcher.run("config", config);

        assertThat(new ObjectMapper().readTree(printed).at("/driver/name").asText())
                .isEqualTo("gitops-executor");
        assertThat(printed).startsWith("{").endsWith("}");
    }
}
