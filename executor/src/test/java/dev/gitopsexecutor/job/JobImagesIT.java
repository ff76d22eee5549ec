package dev.gitopsexecutor.job;

import static dev.gitopsexecutor.job.JobAssertions.assertNothingLeft;
import static dev.gitopsexecutor.job.JobAssertions.assertStatus;
import static dev.gitopsexecutor.testbed.JobResult.Status.SCRIPT_FAILURE;
import static dev.gitopsexecutor.testbed.JobResult.Status.SUCCESS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.testbed.DeployEnvironment;
import dev.gitopsexecutor.testbed.Images;
import dev.gitopsexecutor.testbed.JobResult;
import dev.gitopsexecutor.testbed.RealParts;
import dev.gitopsexecutor.testbed.Release;
import dev.gitopsexecutor.testbed.RunnerJob;
import dev.gitopsexecutor.testbed.Testbed;
import org.junit.jupiter.api.Test;

/** Which images a job's containers run, on a real registry with a password. */
@RealParts
class JobImagesIT {

    @Test
    void tagIsRunAsTheDigestThatThePolicyPinsAndNotAnyMoreOnceItMoves(Testbed testbed) throws Exception {
        String name = testbed.registryForJobs() + "/ci/pinned";
        String digest = testbed.pushJobImage("ci/pinned:1", "first");
        DeployEnvironment environment =
                testbed.newEnvironment("pinned").jobImage(name + "@" + digest).create();
        Release release = environment.release();

        JobResult allowed = environment.runner().run(job(testbed, environment, release, name + ":1"));
        testbed.pushJobImage("ci/pinned:1", "second");
        RunnerJob later = job(testbed, environment, release, name + ":1");
        JobResult moved = environment.runner().run(later);
        JobResult pinned = environment.runner().run(job(testbed, environment, release, name + "@" + digest));

        assertStatus(allowed, SUCCESS);
        assertThat(allowed.log()).contains("version first", "job image " + name + ":1@" + digest + " is sha256:");
        assertStatus(moved, SCRIPT_FAILURE);
        assertThat(moved.stageNames()).containsExactly("config", "prepare", "cleanup");
        assertThat(moved.log())
                .contains(
                        "POLICY_DENIED",
                        "job_image: " + name + ":1, which is sha256:",
                        "wanted: " + name + "@" + digest)
                .doesNotContain("Starting the job's containers");
        assertNothingLeft(later);
        assertStatus(pinned, SUCCESS);
        assertThat(pinned.log()).contains("version first");
    }

    @Test
    void imageThatAnotherJobHasPulledIsNotThereForOneWithoutTheCredential(Testbed testbed) throws Exception {
        String name = testbed.registryForJobs() + "/ci/private";
        String digest = testbed.pushJobImage("ci/private:1", "private");
        DeployEnvironment environment =
                testbed.newEnvironment("private").jobImage(name + "@" + digest).create();
        Release release = environment.release();
        RunnerJob entitled = job(testbed, environment, release, name + "@" + digest);
        RunnerJob anonymous =
                environment.job(release).withImage(name + "@" + digest).withScript("cat /version");
        RunnerJob wrong =
                anonymous.withLogin(new RunnerJob.Login(testbed.registryForJobs(), "somebody", "else's password"));

        assertStatus(environment.runner().run(entitled), SUCCESS);
        for (RunnerJob job : new RunnerJob[] {anonymous, wrong}) {
            JobResult refused = environment.runner().run(job);
            assertStatus(refused, SCRIPT_FAILURE);
            assertThat(refused.stageNames()).containsExactly("config", "prepare", "cleanup");
            assertThat(refused.log())
                    .contains("IMAGE_UNAVAILABLE", "give the job's project access to the registry")
                    .doesNotContain("Starting the job's containers");
            assertNothingLeft(job);
        }
    }

    @Test
    void servicesAreRefusedUnlessThePolicyNamesThemAndThenStandBesideTheScript(Testbed testbed) throws Exception {
        String name = testbed.registryForJobs() + "/ci/service";
        String digest = testbed.pushJobImage("ci/service:1", "service");
        DeployEnvironment without = testbed.newEnvironment("no-services").create();
        DeployEnvironment with = testbed.newEnvironment("services")
                .rules("service_images: [\"%s@%s\"]".formatted(name, digest))
                .create();
        Release release = with.release();
        RunnerJob refused = without.job(without.release()).withServices(name + ":1");
        RunnerJob allowed = with.job(release)
                .withServices(name + ":1")
                .withLogin(login(testbed))
                .withScript(
                        "curl -sS --retry 5 --retry-all-errors http://service-0:8080/ -o /dev/null -w 'status %{http_code}\\n'");

        JobResult no = without.runner().run(refused);
        JobResult yes = with.runner().run(allowed);

        assertStatus(no, SCRIPT_FAILURE);
        assertThat(no.log())
                .contains(
                        "services: " + name + ":1; wanted: none", "ask the owner of policy.yaml for `service_images`");
        assertNothingLeft(refused);
        assertStatus(yes, SUCCESS);
        assertThat(yes.log()).contains("status 404", "Deployed, proven healthy.");
        assertNothingLeft(allowed);
    }

    @Test
    void wayOutLeadsToWhatThePolicyListsWithoutProxySettings(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("way-out")
                .rules("egress: [\"example.com:443\", \"metadata.test:80\"]")
                .create();
        RunnerJob job = environment
                .job(environment.release())
                .withImage(Images.JOB)
                .withScript(
                        "getent hosts example.com metadata.test",
                        "env | grep -i _proxy || echo no proxy settings",
                        "curl -sS -m 3 http://vault.example.com/ || echo vault is out of reach");

        JobResult result = environment.runner().run(job);

        assertStatus(result, SUCCESS);
        assertThat(result.log())
                .contains("the script's way out: example.com:443, metadata.test:80")
                .containsPattern("127\\.0\\.0\\.2 +example.com")
                .containsPattern("127\\.0\\.0\\.3 +metadata.test")
                .contains("no proxy settings", "vault is out of reach");
        assertNothingLeft(job);
    }

    private static RunnerJob job(Testbed testbed, DeployEnvironment environment, Release release, String image)
            throws Exception {
        return environment
                .job(release)
                .withImage(image)
                .withLogin(login(testbed))
                .withScript("echo version $(cat /version)");
    }

    private static RunnerJob.Login login(Testbed testbed) {
        return new RunnerJob.Login(
                testbed.registryForJobs(),
                testbed.registry().username(),
                testbed.registry().password());
    }
}
