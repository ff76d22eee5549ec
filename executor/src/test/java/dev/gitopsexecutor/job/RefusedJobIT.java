package dev.gitopsexecutor.job;

import static dev.gitopsexecutor.job.JobAssertions.assertNothingLeft;
import static dev.gitopsexecutor.job.JobAssertions.assertStatus;
import static dev.gitopsexecutor.testbed.JobResult.Status.SCRIPT_FAILURE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.testbed.AppVariant;
import dev.gitopsexecutor.testbed.DeployEnvironment;
import dev.gitopsexecutor.testbed.JobResult;
import dev.gitopsexecutor.testbed.RealPartsAlone;
import dev.gitopsexecutor.testbed.Release;
import dev.gitopsexecutor.testbed.RunnerJob;
import dev.gitopsexecutor.testbed.Testbed;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Jobs that policy or identity refuse: in prepare, for good, before a container or Vault is touched. */
@RealPartsAlone
class RefusedJobIT {

    private static void assertRefused(Testbed testbed, DeployEnvironment environment, RunnerJob job, String... reasons)
            throws Exception {
        List<String> vaultBefore = testbed.vault().requests();

        JobResult result = environment.runner().run(job);

        assertStatus(result, SCRIPT_FAILURE);
        assertThat(result.stageNames()).as("refused once, not retried").containsExactly("config", "prepare", "cleanup");
        assertThat(result.log()).contains(reasons);
        assertThat(testbed.vault().requests()).as("no call to Vault").hasSameSizeAs(vaultBefore);
        assertThat(result.log()).as("no container").doesNotContain("Starting the job's containers");
        assertNothingLeft(job);
    }

    @Test
    void refusesAFeatureBranchThatClaimsProduction(Testbed testbed) throws Exception {
        DeployEnvironment environment =
                testbed.newEnvironment("prod").tier("production").branch("main").create();
        Release release = environment.release(AppVariant.HEALTHY, "feature/x", UnaryOperator.identity());
        assertRefused(
                testbed,
                environment,
                environment.job(release),
                "POLICY_DENIED",
                "ref: refs/heads/feature/x; wanted: ",
                "ref_protected: not protected; wanted: protected");
    }

    @Test
    void refusesAProtectedBranchThatIsNotProtected(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("unprotected").create();
        RunnerJob job = environment.job(environment.release());
        String token = environment.token(job, claims -> claims.with("ref_protected", "false"));
        assertRefused(testbed, environment, job.withIdToken(token), "ref_protected");
    }

    @Test
    void refusesAnotherProject(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("project").create();
        RunnerJob job = environment
                .job(environment.release())
                .withSource(source -> new RunnerJob.Source(
                        new RunnerJob.Project(23, "acme/other"),
                        source.repositoryUrl(),
                        source.branch(),
                        source.sha(),
                        source.isProtected()));
        String token = environment.token(job, UnaryOperator.identity());
        assertRefused(
                testbed, environment, job.withIdToken(token), "POLICY_DENIED", "project: 23 (acme/other); wanted: 22");
    }

    @Test
    void refusesTheTokenOfAnotherJob(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("stolen").create();
        Release release = environment.release();
        RunnerJob other = environment.job(release);
        String stolen = environment.token(other, UnaryOperator.identity());
        assertRefused(testbed, environment, environment.job(release).withIdToken(stolen), "TOKEN_REFUSED", "job_id");
    }

    @Test
    void refusesATokenThatAVariableShadows(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("shadowed").create();
        Release release = environment.release();
        String stolen = environment.token(environment.job(release), UnaryOperator.identity());
        assertRefused(
                testbed,
                environment,
                environment.job(release).withVariable(RunnerJob.TOKEN_VARIABLE, stolen),
                "TOKEN_REFUSED",
                RunnerJob.TOKEN_VARIABLE);
    }

    @Test
    void showsWhatToAddWhenTheJobHasNoToken(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("tokenless").create();
        assertRefused(
                testbed,
                environment,
                environment.job(environment.release()).withoutIdToken(),
                "TOKEN_MISSING",
                "id_tokens:",
                "aud: gitops-executor");
    }

    @Test
    void ignoresForgedVariables(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("forged")
                .tier("production")
                .branch("main")
                .create();
        Release release = environment.release(AppVariant.HEALTHY, "feature/x", UnaryOperator.identity());
        RunnerJob job = environment
                .job(release)
                .withVariable("CI_ENVIRONMENT_NAME", environment.name())
                .withVariable("CI_COMMIT_REF_PROTECTED", "true")
                .withVariable("CI_COMMIT_REF_NAME", "main")
                .withVariable("CI_COMMIT_BRANCH", "main")
                .withVariable("CI_PROJECT_ID", "22")
                .withVariable("JOB_RESPONSE_FILE", "/dev/null")
                .withVariable("GITOPS_EXECUTOR_CONFIG", "/dev/null");
        assertRefused(testbed, environment, job, "ref: refs/heads/feature/x; wanted: ");
    }

    @Test
    void refusesAJobImageThatThePolicyDoesNotName(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("image").create();
        RunnerJob job = environment.job(environment.release()).withImage("docker.io/library/alpine:3");
        assertRefused(testbed, environment, job, "job_image: docker.io/library/alpine:3; wanted: ");
    }
}
