package dev.gitopsexecutor.job;

import static dev.gitopsexecutor.job.JobAssertions.assertNothingLeft;
import static dev.gitopsexecutor.job.JobAssertions.assertRuns;
import static dev.gitopsexecutor.job.JobAssertions.assertStatus;
import static dev.gitopsexecutor.job.JobAssertions.runningImage;
import static dev.gitopsexecutor.testbed.JobResult.Status.SCRIPT_FAILURE;
import static dev.gitopsexecutor.testbed.JobResult.Status.SUCCESS;
import static dev.gitopsexecutor.testbed.JobResult.Status.SYSTEM_FAILURE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.testbed.AppVariant;
import dev.gitopsexecutor.testbed.DeployEnvironment;
import dev.gitopsexecutor.testbed.JobResult;
import dev.gitopsexecutor.testbed.RealParts;
import dev.gitopsexecutor.testbed.Release;
import dev.gitopsexecutor.testbed.RunnerJob;
import dev.gitopsexecutor.testbed.TargetHost;
import dev.gitopsexecutor.testbed.Testbed;
import java.nio.file.Files;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Deploys that go wrong: the host is on the old release, whole, and the job is red and says why. */
@RealParts
class FailedDeployIT {

    @ParameterizedTest
    @CsvSource({
        // It takes five such answers, not the whole deadline.
        "UNHEALTHY, 'health: status 404[^|]*, [5-9] times in '",
        "WRONG_VERSION, 'version: the answer says \"0+\"[^|]*wanted: version'",
        "CRASHES, cannot start: no database",
    })
    void putsThePreviousReleaseBackWhenTheNewOneIs(AppVariant variant, String seen, Testbed testbed) throws Exception {
        DeployEnvironment environment =
                testbed.newEnvironment("back").on("web-1", "web-2").create();
        Release good = environment.release();
        assertStatus(environment.runner().run(environment.job(good)), SUCCESS);

        RunnerJob job = environment.job(environment.release(variant));
        JobResult result = environment.runner().run(job);

        assertStatus(result, SCRIPT_FAILURE);
        assertThat(result.log()).containsPattern(seen);
        for (TargetHost host : environment.hosts()) {
            assertRuns(environment, host, good);
            assertThat(host.run("sh", "-c", "ls -A $0/.gitops/failed/*", environment.directory()))
                    .contains("evidence.txt", "release.json")
                    .doesNotContain(".env");
        }
        assertNothingLeft(job);
        assertThat(result.log()).doesNotContain(environment.databasePassword());
    }

    @Test
    void stopsTheFirstReleaseWhenThereIsNothingToGoBackTo(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("first").create();

        JobResult result = environment.runner().run(environment.job(environment.release(AppVariant.UNHEALTHY)));

        assertStatus(result, SCRIPT_FAILURE);
        assertThat(result.log()).containsIgnoringCase("nothing to go back to");
        TargetHost host = environment.hosts().getFirst();
        assertThat(runningImage(environment, host)).isEmpty();
        assertThat(host.run("find", environment.directory(), "-maxdepth", "1", "-name", "current"))
                .isEmpty();
    }

    @Test
    void changesNothingWhenASecretIsMissing(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("secretless").create();
        Release good = environment.release();
        assertStatus(environment.runner().run(environment.job(good)), SUCCESS);
        testbed.vault().write(environment.secretPath(), Map.of("another_key", "another value"));

        JobResult result = environment.runner().run(environment.job(environment.release()));

        assertStatus(result, SCRIPT_FAILURE);
        assertThat(result.log()).contains("SECRET_MISSING", "database_password");
        assertRuns(environment, environment.hosts().getFirst(), good);
    }

    @Test
    void refusesAHostWhoseKeyChanged(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("host-key").create();
        TargetHost host = environment.hosts().getFirst();
        String other = testbed.host("web-2").hostKey();
        String policy = Files.readString(environment.configuration().policyYaml());
        environment.configuration().writePolicy(policy.replace(host.hostKey(), other));

        JobResult result = environment.runner().run(environment.job(environment.release()));

        assertStatus(result, SYSTEM_FAILURE);
        assertThat(result.log()).contains("HOST_KEY_MISMATCH", "SHA256:");
        assertThat(host.run("ls", environment.directory())).isEmpty();
    }

    @Test
    void changesNothingWhenTheComposeFileIsBroken(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("compose").create();
        Release good = environment.release();
        assertStatus(environment.runner().run(environment.job(good)), SUCCESS);
        Release broken = environment.release(
                AppVariant.HEALTHY, good.branch(), edit("compose.yaml", text -> text.replace("ports:", "prots:")));

        JobResult result = environment.runner().run(environment.job(broken));

        assertStatus(result, SCRIPT_FAILURE);
        assertThat(result.log()).contains("COMPOSE_INVALID", "prots");
        assertRuns(environment, environment.hosts().getFirst(), good);
    }

    @Test
    void namesEveryProblemOfTheDeployFileAtOnce(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("spec").create();
        Release broken = environment.release(
                AppVariant.HEALTHY,
                "develop",
                edit(
                        ".gitops/deploy.yaml",
                        text -> text.replace("compose:", "compos:").replace("pointer: /version", "pointer: version")));

        JobResult result = environment.runner().run(environment.job(broken));

        assertStatus(result, SCRIPT_FAILURE);
        assertThat(result.log())
                .contains("DEPLOY_SPEC_INVALID")
                .containsPattern("\\.gitops/deploy\\.yaml:\\d+:\\d+.*compos.*compose")
                .containsPattern("\\.gitops/deploy\\.yaml:\\d+:\\d+.*pointer");
    }

    @Test
    void deploysWhatIsCommittedWhateverTheScriptLeavesBehind(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("committed").create();
        Release release = environment.release();
        RunnerJob job = environment
                .job(release)
                .withScript(
                        "echo 'version: 9' > .gitops/deploy.yaml",
                        "rm compose.yaml",
                        "evil=$(echo evil | git hash-object -w --stdin)",
                        "git replace $(git rev-parse HEAD:compose.yaml) $evil",
                        "git show HEAD:compose.yaml");

        JobResult result = environment.runner().run(job);

        assertStatus(result, SUCCESS);
        assertThat(result.log()).as("the replacement works for others").contains("\nevil\n");
        assertRuns(environment, environment.hosts().getFirst(), release);
    }

    @Test
    void refusesARepositoryWhoseObjectsTheScriptChanged(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("tampered").create();
        RunnerJob job = environment
                .job(environment.release())
                .withScript(
                        "for name in $(git rev-parse HEAD:compose.yaml) $(echo evil | git hash-object -w --stdin); do",
                        "  file=.git/objects/$(echo $name | sed 's,..,&/,'); last=$file",
                        "  [ -n \"$first\" ] || first=$file",
                        "done",
                        "git cat-file -p HEAD:compose.yaml > whole && rm -rf .git/objects/pack",
                        "mkdir -p $(dirname $first) && cp -f $last $first");

        JobResult result = environment.runner().run(job);

        assertStatus(result, SCRIPT_FAILURE);
        assertThat(result.log()).contains("CHECKOUT_UNFAITHFUL");
        assertThat(environment.hosts().getFirst().run("ls", environment.directory()))
                .isEmpty();
    }

    @Test
    void refusesARegistryImageThatIsNotThere(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("imageless").create();
        Release release = environment.release(
                AppVariant.HEALTHY,
                "develop",
                edit(".gitops/deploy.yaml", text -> text.replace("{commit_short}", "never-pushed")));

        JobResult result = environment.runner().run(environment.job(release));

        assertStatus(result, SCRIPT_FAILURE);
        assertThat(result.log()).contains("IMAGE_UNAVAILABLE", "never-pushed");
    }

    @Test
    void refusesAnImageThatThePolicyDoesNotName(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("foreign").create();
        Release release = environment.release(
                AppVariant.HEALTHY,
                "develop",
                edit(".gitops/deploy.yaml", text -> text.replace("/shop/app", "/evil/app")));

        JobResult result = environment.runner().run(environment.job(release));

        assertStatus(result, SCRIPT_FAILURE);
        assertThat(result.log()).contains("release_image: ", "/evil/app");
    }

    private static UnaryOperator<Map<String, String>> edit(String file, UnaryOperator<String> change) {
        return files -> {
            files.replaceAll((name, text) -> name.equals(file) ? change.apply(text) : text);
            return files;
        };
    }
}
