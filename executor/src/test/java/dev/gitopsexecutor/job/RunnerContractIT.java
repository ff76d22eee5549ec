package dev.gitopsexecutor.job;

import static dev.gitopsexecutor.job.Attempts.configured;
import static dev.gitopsexecutor.job.Attempts.during;
import static dev.gitopsexecutor.job.Attempts.prepare;
import static dev.gitopsexecutor.job.Attempts.prepared;
import static dev.gitopsexecutor.job.JobAssertions.assertNothingLeft;
import static dev.gitopsexecutor.job.JobAssertions.assertStatus;
import static dev.gitopsexecutor.job.JobAssertions.partsOf;
import static dev.gitopsexecutor.testbed.JobResult.Status.SCRIPT_FAILURE;
import static dev.gitopsexecutor.testbed.JobResult.Status.SUCCESS;
import static dev.gitopsexecutor.testbed.JobResult.Status.SYSTEM_FAILURE;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gitopsexecutor.testbed.DeployEnvironment;
import dev.gitopsexecutor.testbed.Images;
import dev.gitopsexecutor.testbed.JobEngine;
import dev.gitopsexecutor.testbed.JobResult;
import dev.gitopsexecutor.testbed.RealParts;
import dev.gitopsexecutor.testbed.RunnerAttempt;
import dev.gitopsexecutor.testbed.RunnerHarness;
import dev.gitopsexecutor.testbed.RunnerJob;
import dev.gitopsexecutor.testbed.RunnerJob.Variable;
import dev.gitopsexecutor.testbed.RunningJob;
import dev.gitopsexecutor.testbed.StageResult;
import dev.gitopsexecutor.testbed.Testbed;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What GitLab Runner asks of a custom executor, with jobs that deploy nothing. */
@RealParts
class RunnerContractIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void eachStageRunsInTheContainerThatItBelongsIn(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("routing").create();
        RunnerJob job = environment
                .verifyJob(environment.release())
                .withScript("echo script on $(hostname)")
                .withRelease("echo release on $(hostname)")
                .withAfterScript("echo $CI_JOB_STATUS, after on $(hostname)")
                .withKept("out");

        JobResult result = environment.runner().run(job);

        assertThat(result.stageNames())
                .containsExactly(
                        "config",
                        "prepare",
                        "prepare_script",
                        "get_sources",
                        "restore_cache",
                        "build_script",
                        "step_release",
                        "after_script",
                        "archive_cache",
                        "upload_artifacts_on_success",
                        "cleanup");
        String name = "gitops-" + job.origin().id();
        // Only the helper has a gitlab-runner, which refuses everything by name.
        assertThat(result.log())
                .containsSubsequence(
                        "Running on " + name + "-helper via",
                        "no gitlab-runner; 'cache-extractor --file ",
                        "script on " + name + "-job\n",
                        "release on " + name + "-job\n",
                        "success, after on " + name + "-job\n",
                        "no gitlab-runner; 'cache-archiver --file ",
                        "no gitlab-runner; 'artifacts-uploader --path out'");
        assertStatus(result, SCRIPT_FAILURE);
        assertThat(result.stages())
                .filteredOn(stage -> !stage.succeeded())
                .extracting(StageResult::name, StageResult::exitCode, StageResult::buildExitCode)
                .containsExactly(tuple("upload_artifacts_on_success", 1, "1"));
    }

    @Test
    void containersShareCheckoutVariablesAndWhatScriptsExport(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("shared").create();
        RunnerJob job = environment
                .verifyJob(environment.release())
                .withVariable(new Variable("MY_FILE", "line 1\nline 2\n", Variable.Kind.FILE));
        RunnerAttempt attempt = prepared(environment.runner(), job);
        assertThat(attempt.stage("get_sources").orElseThrow().succeeded()).isTrue();

        String script = printed(
                attempt,
                "build_script",
                "echo owner $(stat -c %u:%g .git compose.yaml) user $(id -u):$(id -g)",
                "git status",
                "cat \"$MY_FILE\"",
                "echo GREETING=hello >>\"$GITLAB_ENV\"",
                "hostname >made",
                "(sleep 300; echo the background slept) &");
        String later = printed(
                attempt,
                "a_stage_of_later_runners",
                "hostname",
                "echo owner $(stat -c %u:%g .git compose.yaml made) user $(id -u):$(id -g)",
                "git status",
                "cat made \"$MY_FILE\"",
                "echo GREETING=$GREETING-again >>\"$GITLAB_ENV\"");
        String after = printed(attempt, "after_script", "echo greeting $GREETING");
        assertThat(attempt.stage("cleanup_file_variables").orElseThrow().succeeded())
                .isTrue();
        int before = attempt.log().length();
        attempt.script("after_script", bytes("ls /builds/*/*.tmp"));

        String name = "\ngitops-" + job.origin().id();
        assertThat(script)
                .contains(
                        "\nowner 65532:65532 65532:65532 user 65532:65532\n",
                        "working tree clean",
                        "\nline 1\nline 2\n")
                .doesNotContain("\nthe background slept");
        assertThat(later)
                .contains(
                        name + "-helper\n",
                        "\nowner 65532:65532 65532:65532 65532:65532 user 65532:65532\n",
                        "Untracked files",
                        name + "-job\n",
                        "line 1\nline 2\n");
        assertThat(after).contains("\ngreeting hello-again\n");
        assertThat(attempt.log().substring(before))
                .contains("gitlab_runner_env\n")
                .doesNotContain("MY_FILE");
        assertCleansUp(attempt, job);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void runnersScriptsRunInBusyboxToo(boolean trapped, Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("busybox").create();
        Path policy = environment.configuration().policyYaml();
        environment.configuration().writePolicy(Files.readString(policy).replace(Images.JOB, Images.APP));
        RunnerJob job = environment
                .verifyJob(environment.release())
                .withImage(Images.APP)
                .withScript("echo \"it's\" $(busybox readlink /proc/$$/exe)", "(exit 42)");
        RunnerHarness runner = environment.runner();

        JobResult result = (trapped ? runner.withTrappedScripts() : runner).run(job);

        assertStatus(result, SCRIPT_FAILURE);
        assertThat(result.log()).contains("\nit's /bin/busybox\n");
        assertThat(result.stage("build_script").orElseThrow().buildExitCode()).isEqualTo("42");
    }

    @Test
    void scriptArrivesByteForByteAndItsCodeComesBackOnce(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("bytes").create();
        RunnerJob job = environment.verifyJob(environment.release());
        RunnerAttempt attempt = prepared(environment.runner(), job);
        // All but NUL, which no shell reads.
        String every = IntStream.range(1, 256).mapToObj(Character::toString).collect(Collectors.joining());
        String odd = every + "\\n \\\\ '\" $HOME `id` \r\n\u00c3\u00bc\r";
        Map<String, String> codes = new LinkedHashMap<>();
        codes.put("cat <<'END'\n" + odd + "\nEND\nexit 42", "42");
        codes.put("set -e; false; exit 3", "1");
        codes.put("exit 255", "255");
        codes.put("/etc/hostname", "126");
        codes.put("no-such-program", "127");
        codes.put("kill -KILL $$", "137");
        codes.put("kill -TERM $$", "143");

        for (Map.Entry<String, String> expected : codes.entrySet()) {
            StageResult result = attempt.script("build_script", bytes(expected.getKey()));
            assertThat(result.exitCode()).as(expected.getKey()).isEqualTo(StageResult.BUILD_FAILURE);
            assertThat(result.buildExitCode()).as(expected.getKey()).isEqualTo(expected.getValue());
        }
        assertThat(attempt.log(ISO_8859_1)).contains("\n" + odd + "\n");

        removeContainer(job, "job");
        StageResult lost = attempt.script("after_script", bytes("true"));
        assertThat(lost.exitCode()).isEqualTo(StageResult.SYSTEM_FAILURE);
        assertThat(lost.buildExitCode()).isEmpty();
        assertCleansUp(attempt, job);
    }

    @Test
    void lostContainerIsASystemFailure(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("lost").create();
        RunnerJob job = environment.verifyJob(environment.release());
        RunnerAttempt attempt = prepared(environment.runner(), job);

        StageResult script = whileRunning(attempt, "build_script", "sleep 300", () -> removeContainer(job, "job"));
        assertThat(script.exitCode()).isEqualTo(StageResult.SYSTEM_FAILURE);
        assertThat(script.buildExitCode()).isEmpty();
        assertThat(attempt.log())
                .contains("Cannot run the script. [ENGINE_FAILED]", "\n  next: See who stopped the container");

        // The runner waits five minutes for a stage that it has ended, and then cleans up beside it.
        StageResult late = whileRunning(attempt, "restore_cache", "sleep 300", () -> assertCleansUp(attempt, job));
        assertThat(late.exitCode()).isEqualTo(StageResult.SYSTEM_FAILURE);

        assertThat(attempt.stage("get_sources").orElseThrow().exitCode()).isEqualTo(StageResult.SYSTEM_FAILURE);
        assertThat(attempt.log()).contains("-helper\n  saw:  it does not exist any more\n");
        assertCleansUp(attempt, job);
    }

    @Test
    void scriptThatEndsWellOnSigtermIsNotGreen(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("stubborn").create();
        RunnerJob job = environment.verifyJob(environment.release());
        RunnerAttempt attempt = prepared(environment.runner(), job);

        StageResult script = whileRunning(
                attempt,
                "build_script",
                "trap 'echo goodbye; exit 0' TERM; while :; do sleep 0.1; done",
                attempt::terminate);

        assertThat(attempt.log()).contains("\ngoodbye\n");
        assertThat(script.exitCode()).isEqualTo(StageResult.BUILD_FAILURE);
        assertThat(script.buildExitCode()).isEqualTo("143");
        assertCleansUp(attempt, job);
    }

    @Test
    void prepareThatIsTerminatedLeavesNothing(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("terminated").create();
        RunnerJob job = environment.verifyJob(environment.release());
        RunnerAttempt attempt = configured(environment.runner(), job);
        StageResult prepare = during(attempt::prepare, () -> {
            attempt.awaitLog(log -> log.contains("helper image "));
            attempt.terminate();
        });

        assertThat(prepare.exitCode()).as(attempt.log()).isEqualTo(StageResult.SYSTEM_FAILURE);
        assertNothingLeft(job);
        assertThat(attempt.log()).contains("[CANCELED]");
    }

    @Test
    void prepareIsTriedThreeTimesAndLeavesNothing(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("retried").create();
        Path executorYaml = environment.configuration().executorYaml();
        Files.writeString(executorYaml, Files.readString(executorYaml).replace(Images.HELPER, Images.APP));
        RunnerJob job = environment.verifyJob(environment.release());

        JobResult result = environment.runner().withRetryDelay(Duration.ZERO).run(job);

        assertStatus(result, SYSTEM_FAILURE);
        assertThat(result.stageNames())
                .isEqualTo(Collections.nCopies(3, List.of("config", "prepare", "cleanup")).stream()
                        .flatMap(List::stream)
                        .toList());
        assertThat(result.log()).contains("[HELPER_IMAGE_UNSUITABLE]");
        assertNothingLeft(job);
    }

    @Test
    void sourcesAreTriedAsOftenAsTheJobSays(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("sources").create();
        RunnerJob job = environment
                .verifyJob(environment.release())
                .withSource(source -> new RunnerJob.Source(
                        source.project(),
                        source.repositoryUrl().replaceFirst("@[^/]+/", "@127.0.0.1:1/"),
                        source.branch(),
                        source.sha(),
                        source.isProtected()))
                .withVariable("GET_SOURCES_ATTEMPTS", "2");

        JobResult result = environment.runner().withRetryDelay(Duration.ZERO).run(job);

        assertStatus(result, SCRIPT_FAILURE);
        assertThat(result.stageNames())
                .containsExactly(
                        "config",
                        "prepare",
                        "prepare_script",
                        "get_sources",
                        "clear_worktree",
                        "get_sources",
                        "cleanup");
        assertThat(result.stages())
                .as(result.log())
                .filteredOn(stage -> !stage.succeeded())
                .extracting(StageResult::name, StageResult::exitCode)
                .containsExactly(tuple("get_sources", 1), tuple("get_sources", 1));
    }

    @ParameterizedTest
    @CsvSource({"CANCELED, canceled", "TIMED_OUT, timedout"})
    void afterScriptSeesWhatEndedTheScript(JobResult.Status status, String seen, Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("ended").create();
        RunnerJob job = environment
                .verifyJob(environment.release())
                .withScript("echo script is running", "sleep 300", "echo the script slept")
                .withRelease("echo released")
                .withAfterScript("echo after sees $CI_JOB_STATUS")
                .withKept("out");
        RunningJob running = environment.runner().withTrappedScripts().start(job);

        running.endStepsWhen(log -> log.contains("script is running\n"), status);
        JobResult result = running.result();

        assertStatus(result, status);
        assertThat(result.stageNames())
                .endsWith(
                        "build_script",
                        "after_script",
                        "archive_cache_on_failure",
                        "upload_artifacts_on_failure",
                        "cleanup");
        assertThat(result.stage("build_script").orElseThrow().exitCode()).isEqualTo(StageResult.BUILD_FAILURE);
        assertThat(result.log())
                .contains("\nafter sees " + seen + "\n", "no gitlab-runner; 'artifacts-uploader")
                .doesNotContain("\nthe script slept");
        assertNothingLeft(job);
    }

    @Test
    void toleratesLargeAndManyVariablesAndAnswersOfOtherVersions(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("odd").create();
        // Linux takes 131072 bytes for one string of the environment, with its name and a NUL.
        String large = "x".repeat(131072 - "CUSTOM_ENV_LARGE=".length() - 1);
        RunnerJob job = environment.verifyJob(environment.release()).withVariable("LARGE", large);
        for (int i = 1; i <= 1000; i++) {
            job = job.withVariable("MANY", Integer.toString(i));
        }
        RunnerAttempt attempt = environment.runner().attempt(job);
        ObjectNode response = (ObjectNode) JSON.readTree(attempt.responseFile().toFile());
        for (String name :
                List.of("services", "credentials", "dependencies", "steps", "hooks", "secrets", "features")) {
            response.putNull(name);
        }
        response.withObject("git_info").putNull("refspecs").putNull("protected").put("of_later_versions", 1.5);
        response.withObject("image").putNull("entrypoint").putNull("pull_policy");
        response.putObject("of_later_versions").putArray("run").addObject().put("step", "./here");
        JSON.writeValue(attempt.responseFile().toFile(), response);

        prepare(attempt);
        assertThat(attempt.stage("get_sources").orElseThrow().succeeded()).isTrue();

        assertThat(printed(attempt, "build_script", "echo ${#LARGE} $MANY"))
                .contains("\n" + large.length() + " 1000\n");
        assertCleansUp(attempt, job);
    }

    @Test
    void outputPassesByteForByteHoweverLong(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("output").create();
        RunnerJob job = environment
                .verifyJob(environment.release())
                .withScript("seq 1000000 7553599", "printf '\\377\\000\\033[31mred\\033[0m\\303\\r%s' $'\\n\\t'")
                .withRelease("printf 'no end of line'")
                .withAfterScript("printf 'section_start:1:left_open\\r\\033[0Kfolded'");
        StringBuilder lines = new StringBuilder();
        IntStream.range(1000000, 7553600).forEach(i -> lines.append(i).append('\n'));
        String fiftyMegabytes = lines.toString();
        ByteArrayOutputStream copy = new ByteArrayOutputStream();

        JobResult result = environment.runner().run(job, copy);

        assertThat(result.status()).isEqualTo(SUCCESS);
        String log = copy.toString(ISO_8859_1);
        int start = log.indexOf(fiftyMegabytes);
        assertThat(start).as("where the numbers are in the log").isNotNegative();
        assertThat(log.substring(start + fiftyMegabytes.length()))
                .contains("\u00ff\0\u001b[31mred\u001b[0m\u00c3\r\n\t", "no end of linesection_end")
                .containsPattern("folded\u001b\\[0;m\nsection_end:[0-9]+:left_open\r\u001b\\[0K\n");
    }

    /** The bytes of a script whose characters stand for one byte each. */
    private static byte[] bytes(String script) {
        return (script + "\n").getBytes(ISO_8859_1);
    }

    /** How the stage ends that runs this script, when in the midst of it that is done. */
    private static StageResult whileRunning(RunnerAttempt attempt, String stage, String script, Attempts.Act act)
            throws Exception {
        String running = stage + " is running\n";
        return during(() -> attempt.script(stage, bytes("echo '" + stage + " is running'\n" + script)), () -> {
            attempt.awaitLog(log -> log.contains(running));
            act.run();
        });
    }

    /** What the job log got from a green stage with these commands. */
    private static String printed(RunnerAttempt attempt, String stage, String... commands)
            throws IOException, InterruptedException {
        int before = attempt.log().length();
        StageResult result = attempt.stageWith(stage, commands);
        String log = attempt.log().substring(before);
        assertThat(result.succeeded()).as(log).isTrue();
        return log;
    }

    private static void removeContainer(RunnerJob job, String role) {
        String name = partsOf(job).stream()
                .filter(part -> part.endsWith("-" + role))
                .findFirst()
                .orElseThrow();
        JobEngine.client().removeContainerCmd(name.substring(1)).withForce(true).exec();
    }

    private static void assertCleansUp(RunnerAttempt attempt, RunnerJob job) throws IOException, InterruptedException {
        assertThat(attempt.cleanup().exitCode()).as(attempt.runnerLog()).isZero();
        assertNothingLeft(job);
    }
}
