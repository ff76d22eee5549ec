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
import dev.gitopsexecutor.testbed.TargetHost;
import dev.gitopsexecutor.testbed.Testbed;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

/** The main job: a release goes from a commit to two hosts and is proven there. */
@RealParts
class DeployJobIT {

    @Test
    void deploysToTwoHostsAndProvesIt(Testbed testbed) throws Exception {
        DeployEnvironment environment =
                testbed.newEnvironment("two-hosts").on("web-1", "web-2").create();
        Release first = environment.release();
        RunnerJob firstJob = environment.job(first);
        JobResult firstResult = environment.runner().run(firstJob);
        assertStatus(firstResult, SUCCESS);
        assertThat(firstResult.stageNames())
                .containsExactly("config", "prepare", "prepare_script", "get_sources", "build_script", "cleanup");
        for (TargetHost host : environment.hosts()) {
            assertRuns(environment, host, first);
        }
        assertNothingLeft(firstJob);

        Release second = environment.release();
        JobResult secondResult = environment.runner().run(environment.job(second));
        assertStatus(secondResult, SUCCESS);
        for (TargetHost host : environment.hosts()) {
            assertRuns(environment, host, second);
        }
        assertThat(secondResult.log())
                .as("a section for each phase")
                .contains("Proving who the job is", "Deciding by policy", "Reading secrets", "Outcome")
                .as("the closing table")
                .containsPattern(row("web-1", first, second))
                .containsPattern(row("web-2", first, second));
        assertThat(secondResult.runnerLog()).as("cleanup is silent").isEmpty();
    }

    @Test
    void deploysToAHostThatIsKnownByItsAuthority(Testbed testbed) throws Exception {
        DeployEnvironment environment =
                testbed.newEnvironment("host-ca").withHostCa().create();
        Release release = environment.release();
        assertThat(Files.readString(environment.configuration().policyYaml()))
                .contains("host_ca: ssh-ed25519 ")
                .doesNotContain("host_key:");

        assertStatus(environment.runner().run(environment.job(release)), SUCCESS);

        assertRuns(environment, environment.hosts().getFirst(), release);
    }

    private static String row(String host, Release before, Release after) {
        return "%s +%s -> %s +\\w{12} -> %s +%s +health version digest +\\d+\\.\\d\n"
                .formatted(
                        host,
                        before.tag(),
                        after.tag(),
                        after.digest().substring("sha256:".length(), "sha256:".length() + 12),
                        after.tag());
    }

    @Test
    void givesTheServiceEveryValueThroughAnOwnerOnlyFile(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("env-file").create();
        assertStatus(environment.runner().run(environment.job(environment.release())), SUCCESS);

        TargetHost host = environment.hosts().getFirst();
        assertThat(host.run("stat", "-L", "-c", "%a %U %F", environment.directory() + "/current/.env"))
                .isEqualToIgnoringNewLines("600 deploy regular file");
        assertThat(host.run("stat", "-c", "%a %U %F", environment.directory() + "/.gitops"))
                .isEqualToIgnoringNewLines("700 deploy directory");
        String container = host.run(
                        "docker", "ps", "-q", "--filter", "label=com.docker.compose.project=" + environment.project())
                .strip();
        String password = host.run("docker", "exec", container, "sh", "-c", "printf '%s' \"$DATABASE_PASSWORD\"");
        assertThat(password).isEqualTo(environment.databasePassword());
        assertThat(host.run("docker", "exec", container, "sh", "-c", "echo $LOG_LEVEL"))
                .isEqualToIgnoringNewLines("debug");
    }

    @Test
    void changesNothingWhenTheReleaseRunsAlready(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("unchanged").create();
        Release release = environment.release();
        assertStatus(environment.runner().run(environment.job(release)), SUCCESS);
        TargetHost host = environment.hosts().getFirst();
        String before = started(environment, host);

        JobResult again = environment.runner().run(environment.job(release));

        assertStatus(again, SUCCESS);
        assertThat(started(environment, host)).isEqualTo(before);
    }

    private static String started(DeployEnvironment environment, TargetHost host) {
        return host.run(
                "sh",
                "-c",
                "docker inspect --format '{{.Id}} {{.State.StartedAt}}' $(docker ps -q --filter label=com.docker.compose.project="
                        + environment.project() + ")");
    }

    @Test
    void writesEachDeploymentToTheLedger(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("ledger").create();
        Release release = environment.release();
        RunnerJob job = environment.job(release);
        assertStatus(environment.runner().run(job), SUCCESS);

        String printed = Launcher.run(
                "deployments",
                environment.name(),
                "--config=" + environment.configuration().executorYaml());

        assertThat(printed.lines().skip(1))
                .singleElement()
                .asString()
                .contains("deployed", release.tag(), Long.toString(job.origin().id()), "web-1");
    }

    @Test
    void runsTheScriptWithoutNetworkBesideAnEnvironmentThatIsOnlyVerified(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("verify").create();
        RunnerJob job = environment.verifyJob(environment.release()).withScript("ls /sys/class/net", "id -u");

        JobResult result = environment.runner().run(job);

        assertStatus(result, SUCCESS);
        assertThat(result.log())
                .contains("\nlo\n", "\n65532\n")
                .doesNotContain("eth0")
                .contains("nothing is deployed");
        assertThat(environment.hosts().getFirst().run("ls", environment.directory()))
                .isEmpty();
    }
}
