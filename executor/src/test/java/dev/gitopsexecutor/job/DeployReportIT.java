package dev.gitopsexecutor.job;

import static dev.gitopsexecutor.job.JobAssertions.assertNothingLeft;
import static dev.gitopsexecutor.job.JobAssertions.assertRuns;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gitopsexecutor.testbed.AppVariant;
import dev.gitopsexecutor.testbed.DeployEnvironment;
import dev.gitopsexecutor.testbed.RealParts;
import dev.gitopsexecutor.testbed.Release;
import dev.gitopsexecutor.testbed.RunnerAttempt;
import dev.gitopsexecutor.testbed.RunnerJob;
import dev.gitopsexecutor.testbed.StageResult;
import dev.gitopsexecutor.testbed.Testbed;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The report that a job finds in its workspace when its deploy has ended, as the runner's own upload would read it. */
@RealParts
class DeployReportIT {

    @Test
    void greenDeployAndOneThatWentBackSayWhatBecameOfThem(Testbed testbed) throws Exception {
        DeployEnvironment environment =
                testbed.newEnvironment("report").on("web-1", "web-2").create();
        Release good = environment.release();
        RunnerJob goodJob = environment.job(good).withKept("gitops-report/");

        Kept green = run(environment, goodJob, 0);

        assertThat(green.files()).isEqualTo("deploy-report.html deploy-report.json deploy.env");
        assertThat(green.dotenv()).isEqualTo("""
                GITOPS_OUTCOME=deployed
                GITOPS_ENVIRONMENT=%s
                GITOPS_RELEASE=%s
                GITOPS_VERSION=%s
                GITOPS_DIGEST=%s
                """.formatted(
                        environment.name(), green.json().at("/release/id").asText(), good.tag(), good.digest()));
        assertThat(green.json().at("/outcome/green").asBoolean()).isTrue();
        assertThat(green.json().at("/hosts/1/after/version").asText()).isEqualTo(good.tag());
        assertThat(green.json().at("/commit/sha").asText()).isEqualTo(good.sha());
        assertThat(green.json().at("/commit/title").asText()).startsWith("release for " + environment.name());
        assertThat(green.json().at("/commit/author").asText()).isNotEmpty();
        assertThat(green.json().at("/links/report").asText())
                .startsWith(testbed.gitLab().url())
                .endsWith("/-/jobs/%d/artifacts/file/gitops-report/deploy-report.html"
                        .formatted(goodJob.origin().id()));
        assertThat(green.json().at("/checks").findValuesAsText("place"))
                .contains("web-1", "web-2")
                .hasSizeGreaterThanOrEqualTo(6);
        assertThat(green.json().at("/phases").findValuesAsText("name"))
                .contains("gitops_identity", "deploy_hosts", "deploy_images", "deploy_web_1")
                .doesNotContain("gitops_outcome");
        assertThat(green.page()).contains("<h1>Deployed, proven healthy</h1>", good.digest());

        RunnerJob badJob = environment.job(environment.release(AppVariant.UNHEALTHY));
        Kept red = run(environment, badJob, StageResult.BUILD_FAILURE);

        assertThat(red.dotenv()).startsWith("GITOPS_OUTCOME=rolled_back\n");
        assertThat(red.json().at("/failure/code").asText()).isEqualTo("CHECK_FAILED");
        assertThat(red.json().at("/hosts/0/after/version").asText()).isEqualTo(good.tag());
        assertThat(red.json().at("/links/report").isNull())
                .as("the job keeps nothing")
                .isTrue();
        assertThat(red.json().at("/checks").findValuesAsText("result")).contains("failed", "passed");
        assertThat(red.json().at("/phases").findValuesAsText("name")).contains("deploy_rollback");
        assertThat(red.page()).contains("<h1>Rolled back: health: status 404", "What failed", "bar phase back");
        for (Kept kept : new Kept[] {green, red}) {
            assertThat(kept.page() + kept.json() + kept.dotenv()).doesNotContain(environment.databasePassword());
        }
    }

    @Test
    void deployThatFailsBeforeItsFirstChangeHasOneToo(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("early").create();
        Release broken = environment.release(AppVariant.HEALTHY, "develop", files -> {
            files.put("compose.yaml", "services: [");
            return files;
        });

        Kept kept = run(environment, environment.job(broken), StageResult.BUILD_FAILURE);

        assertThat(kept.dotenv())
                .isEqualTo("GITOPS_OUTCOME=nothing_changed\nGITOPS_ENVIRONMENT=%s\n".formatted(environment.name()));
        assertThat(kept.json().at("/failure/code").asText()).isEqualTo("COMPOSE_INVALID");
        assertThat(kept.json().at("/environment/compose_project").asText()).isEqualTo(environment.project());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mkdir -p ../elsewhere && ln -s ../elsewhere gitops-report",
                "echo theirs > gitops-report",
                "mkdir -p gitops-report/deploy.env/deep && chmod 500 gitops-report/deploy.env gitops-report",
                "mkdir -p gitops-report && ln -s /etc/passwd gitops-report/deploy.env && chmod 000 gitops-report",
            })
    void whatTheScriptLeavesInItsPlaceGoesAway(String planted, Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("planted").create();
        Release release = environment.release();

        Kept kept = run(environment, environment.job(release).withScript(planted), 0);

        assertThat(kept.files()).isEqualTo("deploy-report.html deploy-report.json deploy.env");
        assertThat(kept.dotenv()).startsWith("GITOPS_OUTCOME=deployed\n");
        assertThat(kept.elsewhere()).isEmpty();
    }

    @Test
    void reportThatCannotBeWrittenIsAWarning(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("unwritable").create();
        Release release = environment.release();
        RunnerJob job = environment.job(release).withScript("chmod 500 .");
        RunnerAttempt attempt = Attempts.prepared(environment.runner(), job);
        StageResult deploy = deploy(attempt);
        attempt.cleanup();

        assertThat(deploy.exitCode()).as(attempt.log()).isZero();
        assertThat(attempt.log())
                .contains("There is no report in gitops-report: ", "ermission denied", "Deployed, proven healthy.");
        assertRuns(environment, environment.hosts().getFirst(), release);
        assertNothingLeft(job);
    }

    private record Kept(String files, String dotenv, JsonNode json, String page, String elsewhere) {}

    private static Kept run(DeployEnvironment environment, RunnerJob job, int exitCode) throws Exception {
        RunnerAttempt attempt = Attempts.prepared(environment.runner(), job);
        StageResult deploy = deploy(attempt);
        assertThat(deploy.exitCode()).as(attempt.log()).isEqualTo(exitCode);
        String stage = exitCode == 0 ? "upload_artifacts_on_success" : "upload_artifacts_on_failure";
        StageResult upload = attempt.stageWith(
                stage,
                "set +x; echo files-of-the-report; ls gitops-report | xargs",
                "echo dotenv-of-the-report; cat gitops-report/deploy.env",
                "echo json-of-the-report; cat gitops-report/deploy-report.json",
                "echo page-of-the-report; cat gitops-report/deploy-report.html",
                "echo elsewhere-is; ls -A ../elsewhere 2>/dev/null || true",
                "echo end-of-all");
        assertThat(upload.exitCode()).as(attempt.log()).isZero();
        attempt.cleanup();
        assertNothingLeft(job);
        String log = attempt.log();
        return new Kept(
                between(log, "files-of-the-report").strip(),
                between(log, "dotenv-of-the-report"),
                new ObjectMapper().readTree(between(log, "json-of-the-report")),
                between(log, "page-of-the-report"),
                between(log, "elsewhere-is").strip());
    }

    private static StageResult deploy(RunnerAttempt attempt) throws Exception {
        for (String stage : new String[] {"prepare_script", "get_sources"}) {
            assertThat(attempt.stage(stage).orElseThrow().succeeded())
                    .as(attempt.log())
                    .isTrue();
        }
        return attempt.stage("build_script").orElseThrow();
    }

    /** What was printed between the line {@code start} and the next command. */
    private static String between(String log, String start) {
        int from = log.indexOf("\n" + start + "\n") + start.length() + 2;
        int until = log.indexOf("\u001b[32;1m$ ", from);
        return log.substring(from, until);
    }
}
