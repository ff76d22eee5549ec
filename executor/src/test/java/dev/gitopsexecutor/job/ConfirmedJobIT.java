package dev.gitopsexecutor.job;

import static dev.gitopsexecutor.job.JobAssertions.assertNothingLeft;
import static dev.gitopsexecutor.job.JobAssertions.assertStatus;
import static dev.gitopsexecutor.testbed.JobResult.Status.SCRIPT_FAILURE;
import static dev.gitopsexecutor.testbed.JobResult.Status.SUCCESS;
import static dev.gitopsexecutor.testbed.JobResult.Status.SYSTEM_FAILURE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gitopsexecutor.testbed.DeployEnvironment;
import dev.gitopsexecutor.testbed.JobApi;
import dev.gitopsexecutor.testbed.JobResult;
import dev.gitopsexecutor.testbed.RealPartsAlone;
import dev.gitopsexecutor.testbed.RunnerJob;
import dev.gitopsexecutor.testbed.RunningJob;
import dev.gitopsexecutor.testbed.Testbed;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Jobs of which GitLab itself is asked. */
@RealPartsAlone
class ConfirmedJobIT {

    @AfterEach
    void recover(Testbed testbed) {
        testbed.gitLab().recover();
    }

    @Test
    void deploysWhatGitLabConfirms(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("confirmed")
                .rules("start: manual", "require_protected_environment: true", "limits: {pids: 64}")
                .confirmed()
                .create();
        testbed.gitLab().api().protectEnvironment(environment.name());
        RunnerJob job = environment.manualJob(environment.release());
        String token = environment.token(job, claims -> claims.with("environment_protected", "true"));

        JobResult result = environment
                .runner()
                .run(job.withIdToken(token)
                        .withScript("cat /sys/fs/cgroup/pids/pids.max || cat /sys/fs/cgroup/pids.max"));

        assertStatus(result, SUCCESS);
        assertThat(result.log())
                .contains(
                        "GitLab was asked about the job, its deployment, the ref's protection, the environment's protection, how it"
                                + " was started")
                .containsPattern("(?m)^64$");
        assertThat(decisions(environment))
                .extracting(
                        line -> line.path("act").asText(),
                        line -> line.path("result").asText())
                .containsExactly(tuple("start", "allowed"), tuple("deploy", "allowed"));
    }

    /** What GitLab says otherwise. */
    enum Contradiction {
        CANCELED("job_running: job") {
            @Override
            void in(JobApi api, DeployEnvironment environment, RunnerJob job) {
                api.startByHand(job);
                api.setStatus(job, "canceled");
            }
        },
        APPROVAL("deployment: runs at") {
            @Override
            void in(JobApi api, DeployEnvironment environment, RunnerJob job) {
                api.startByHand(job);
                api.setPendingApprovals(job, 1);
            }
        },
        BRANCH("ref_protected_now: not protected; wanted: protected") {
            @Override
            void in(JobApi api, DeployEnvironment environment, RunnerJob job) {
                api.startByHand(job);
                api.unprotect(environment.branch());
            }
        },
        AUTOMATIC("start_by_hand: automatically; wanted: by hand") {
            @Override
            void in(JobApi api, DeployEnvironment environment, RunnerJob job) {}
        };

        private final String reason;

        Contradiction(String reason) {
            this.reason = reason;
        }

        abstract void in(JobApi api, DeployEnvironment environment, RunnerJob job);
    }

    @ParameterizedTest
    @EnumSource
    void refusesWhatGitLabContradicts(Contradiction contradiction, Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("contradicted")
                .branch("release-" + contradiction.name().toLowerCase(Locale.ROOT))
                .rules("start: manual")
                .confirmed()
                .create();
        RunnerJob job = environment.job(environment.release());
        contradiction.in(testbed.gitLab().api(), environment, job);
        int vaultBefore = testbed.vault().requests().size();

        JobResult result = environment.runner().run(job);

        assertStatus(result, SCRIPT_FAILURE);
        assertThat(result.log()).contains("[POLICY_DENIED]", "saw:  " + contradiction.reason);
        assertThat(result.log()).doesNotContain("Starting the job's containers");
        assertThat(testbed.vault().requests()).hasSize(vaultBefore);
        assertThat(decisions(environment).getLast().path("reasons").path(0).asText())
                .isEqualTo(contradiction.reason.substring(0, contradiction.reason.indexOf(':')));
        assertNothingLeft(job);
    }

    @Test
    void goesNoFurtherWhenTheJobIsCanceledMeanwhile(Testbed testbed) throws Exception {
        DeployEnvironment environment =
                testbed.newEnvironment("stopped").confirmed().create();
        RunnerJob job = environment.job(environment.release());
        int vaultBefore = testbed.vault().requests().size();

        RunningJob running = environment.runner().start(job.withScript("echo begun", "sleep 3"));
        assertThat(running.log().await(log -> log.contains("\nbegun\n"), Duration.ofSeconds(30)))
                .isTrue();
        testbed.gitLab().api().setStatus(job, "canceled");
        JobResult result = running.result();

        assertStatus(result, SCRIPT_FAILURE);
        assertThat(result.log())
                .contains("saw:  job_running: job %d canceled"
                        .formatted(job.origin().id()));
        assertThat(testbed.vault().requests()).hasSize(vaultBefore);
    }

    @Test
    void failsClosedWhenGitLabIsDown(Testbed testbed) throws Exception {
        DeployEnvironment environment =
                testbed.newEnvironment("down").confirmed().create();
        RunnerJob job = environment.job(environment.release());
        testbed.gitLab().fail("/api/", 503);

        JobResult result = environment.runner().run(job);

        assertStatus(result, SYSTEM_FAILURE);
        assertThat(result.log())
                .contains("Cannot ask GitLab about the job. [GITLAB_UNREACHABLE]", "saw:  answer 503")
                .doesNotContain("Starting the job's containers");
        assertThat(decisions(environment))
                .as("each attempt is one decision")
                .hasSize(3)
                .allSatisfy(line -> assertThat(line.path("result").asText()).isEqualTo("undecided"));
        assertNothingLeft(job);
    }

    @Test
    void goesOnWithoutGitLabWhereThePolicySaysSo(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("alone")
                .rules("without_gitlab: allow")
                .confirmed()
                .create();
        RunnerJob job = environment.job(environment.release());
        testbed.gitLab().fail("/api/", 500);

        JobResult result = environment.runner().run(job);

        assertStatus(result, SUCCESS);
        assertThat(result.log())
                .contains("GitLab could not be asked everything (answer 500); the policy lets this environment go on.");
    }

    private static List<JsonNode> decisions(DeployEnvironment environment) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line :
                Files.readAllLines(environment.configuration().stateDirectory().resolve("audit.jsonl"))) {
            lines.add(new ObjectMapper().readTree(line));
        }
        return lines;
    }
}
