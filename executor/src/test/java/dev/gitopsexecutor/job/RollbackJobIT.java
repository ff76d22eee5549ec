package dev.gitopsexecutor.job;

import static dev.gitopsexecutor.job.JobAssertions.assertRuns;
import static dev.gitopsexecutor.job.JobAssertions.assertStatus;
import static dev.gitopsexecutor.testbed.JobResult.Status.SCRIPT_FAILURE;
import static dev.gitopsexecutor.testbed.JobResult.Status.SUCCESS;
import static dev.gitopsexecutor.testbed.JobResult.Status.SYSTEM_FAILURE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.testbed.AppVariant;
import dev.gitopsexecutor.testbed.DeployEnvironment;
import dev.gitopsexecutor.testbed.JobResult;
import dev.gitopsexecutor.testbed.RealPartsAlone;
import dev.gitopsexecutor.testbed.Release;
import dev.gitopsexecutor.testbed.RunnerJob;
import dev.gitopsexecutor.testbed.TargetHost;
import dev.gitopsexecutor.testbed.Testbed;
import java.nio.file.Files;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Whole jobs that go back on purpose. */
@RealPartsAlone
class RollbackJobIT {

    @Test
    void goesBackAndForwardWhileVaultAndRegistryAreDown(Testbed testbed) throws Exception {
        DeployEnvironment environment =
                testbed.newEnvironment("again").on("web-1", "web-2").create();
        Release first = environment.release();
        Release second = environment.release();
        RunnerJob never = environment.job(first);
        RunnerJob old = environment.job(first);
        assertStatus(environment.runner().run(old), SUCCESS);
        RunnerJob young = environment.job(second).withVariable("CI_JOB_NAME", "rollback");
        JobResult deployed = environment.runner().run(young);
        assertStatus(deployed, SUCCESS);
        assertThat(deployed.log()).as("a variable names no job").doesNotContain("Going back");

        JobResult outdated = environment.runner().run(never);
        assertStatus(outdated, SCRIPT_FAILURE);
        assertThat(outdated.log()).contains("[OUTDATED]");
        String policy = Files.readString(environment.configuration().policyYaml());
        environment
                .configuration()
                .writePolicy(policy.replace("    directory: ", "    rollbacks: {users: [43]}\n    directory: "));
        JobResult denied = environment.runner().run(environment.another(old, "deploy"));
        assertStatus(denied, SCRIPT_FAILURE);
        assertThat(denied.log()).contains("[POLICY_DENIED]", "saw:  rollbacks: user 42 (dev1), ", "wanted: user 43");
        environment.configuration().writePolicy(policy);

        JobResult back;
        JobResult forward;
        // Every IT shares these two: they work again before the next test.
        testbed.vault().seal();
        testbed.registry().pause();
        try {
            back = environment.runner().run(environment.another(young, "rollback " + environment.name()));
            assertStatus(back, SUCCESS);
            for (TargetHost host : environment.hosts()) {
                assertRuns(environment, host, first);
            }
            forward = environment.runner().run(environment.another(young, "deploy"));
            assertStatus(forward, SUCCESS);
        } finally {
            testbed.registry().resume();
            testbed.vault().unseal();
        }
        assertRuns(environment, environment.hosts().getLast(), second);
        assertThat(back.log())
                .containsPattern(
                        "This job puts release \\S+ \\(commit %s, pipeline %d, deployed at \\S+Z by dev1\\) back\\."
                                .formatted(first.tag(), old.origin().pipelineId()))
                .contains("Nothing is built, pulled or read from Vault.", "Put back, proven healthy.")
                .doesNotContain("Reading secrets");
        assertThat(forward.log()).contains("(commit %s, ".formatted(second.tag()));
        String ledger = Launcher.run(
                "deployments",
                environment.name(),
                "--config=" + environment.configuration().executorYaml());
        assertThat(ledger.lines().skip(1).limit(2))
                .allSatisfy(line -> assertThat(line).containsPattern("deployed +rollback "));
        assertThat(ledger.lines().skip(2).findFirst().orElseThrow())
                .as("commit and pipeline of what came back")
                .containsPattern("%s +%d ".formatted(first.tag(), old.origin().pipelineId()));
    }

    @Test
    void readsAnewOnlyWhatIsRevoked(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("revoked").create();
        TargetHost host = environment.hosts().getFirst();
        String line = "DATABASE_PASSWORD: %s#database_password\n".formatted(environment.secretPath());
        Release first = environment.release(AppVariant.HEALTHY, environment.branch(), files -> {
            files.replaceAll(
                    (name, text) -> text.replace(line, line + "    latest_on_rollback: [DATABASE_PASSWORD]\n"));
            return files;
        });
        RunnerJob old = environment.job(first);
        assertStatus(environment.runner().run(old), SUCCESS);
        Release second = environment.release();
        RunnerJob young = environment.job(second);
        assertStatus(environment.runner().run(young), SUCCESS);
        testbed.vault()
                .write(environment.secretPath(), Map.of("database_password", "rotated, and the old one revoked"));

        testbed.vault().seal();
        JobResult sealed;
        try {
            sealed = environment.runner().run(environment.another(old, "deploy"));
        } finally {
            testbed.vault().unseal();
        }
        assertStatus(sealed, SYSTEM_FAILURE);
        assertThat(sealed.log())
                .contains("the stored release wants today's value of DATABASE_PASSWORD (latest_on_rollback)")
                .contains("nothing was changed");
        assertRuns(environment, host, second);

        JobResult back = environment.runner().run(environment.another(old, "deploy"));
        assertStatus(back, SUCCESS);
        assertRuns(environment, host, first);
        assertThat(host.run("cat", environment.directory() + "/current/.env"))
                .contains("rotated, and the old one revoked", "LOG_LEVEL");
        assertThat(back.log())
                .contains("only DATABASE_PASSWORD is read from Vault anew")
                .doesNotContain("rotated, and the old one revoked");
        assertThat(Launcher.run(
                        "secrets",
                        "--environment=" + environment.name(),
                        "--config=" + environment.configuration().executorYaml()))
                .as("version 2 is what runs")
                .containsPattern("database_password +2 ");

        JobResult forward = environment.runner().run(environment.another(young, "deploy"));
        assertStatus(forward, SUCCESS);
        assertThat(forward.log()).contains("Rotated since that release: DATABASE_PASSWORD.");
    }
}
