package dev.gitopsexecutor.runner;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.model.CommitSha;
import dev.gitopsexecutor.model.JobId;
import dev.gitopsexecutor.model.ProjectId;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JobResponseTest {
    @TempDir
    private Path directory;

    @Test
    void readsWhatAnOldRunnerSends() throws IOException {
        JobResponse response = read(ResponseText.OLD);

        assertThat(response.id()).isEqualTo(new JobId(102));
        assertThat(response.name()).contains("deploy staging");
        assertThat(response.projectId()).isEqualTo(new ProjectId(22));
        assertThat(response.pipelineId()).isEmpty();
        assertThat(response.userId()).isEmpty();
        assertThat(response.ref()).isEqualTo("main");
        assertThat(response.refType()).isEqualTo("branch");
        assertThat(response.sha()).isEqualTo(new CommitSha("4c300d29c32b7e55210788f6835f3f000dc9cc7a"));
        assertThat(response.refProtected()).isEmpty();
        assertThat(response.timeout()).isEqualTo(Duration.ofMinutes(10));
        assertThat(response.image()).contains("base:1");
        assertThat(response.services()).isEmpty();
        assertThat(response.projectDirectory("/builds")).isEqualTo(Path.of("/builds/acme/app"));
    }

    @Test
    void readsWhatANewRunnerSendsAndIgnoresWhatItDoesNotKnow() throws IOException {
        JobResponse response = read(ResponseText.OLD
                .replace(
                        "\"project_id\": 22",
                        "\"project_id\": 22, \"project_full_path\": \"acme/app\", \"pipeline_id\": 9, \"user_id\": 7")
                .replace("\"ref\":", "\"protected\": true, \"new\": {\"deep\": [1.5, null, [{}]]}, \"ref\":")
                .replace("\"services\": []", "\"services\": [{\"name\": \"db\"}]"));

        assertThat(response.pipelineId()).hasValue(9);
        assertThat(response.userId()).hasValue(7);
        assertThat(response.refProtected()).contains(true);
        assertThat(response.services()).extracting(Service::image).containsExactly("db");
    }

    @Test
    void nullAndGosZeroValuesAreAsIfNotSent() throws IOException {
        JobResponse response = read("""
                {"id": 1, "token": "t", "runner_info": {"timeout": 0}, "image": {"name": ""}, "services": null,
                 "variables": null, "credentials": null, "dependencies": null, "features": null,
                 "job_info": {"name": "n", "project_id": 2, "project_full_path": "", "pipeline_id": 0, "user_id": null},
                 "git_info": {"repo_url": "https://gitlab.example.com/a/b.git", "ref": "main", "ref_type": null,
                              "sha": "4c300d29c32b7e55210788f6835f3f000dc9cc7a", "protected": null}}
                """);

        assertThat(response.timeout()).isEqualTo(Duration.ofHours(2));
        assertThat(response.image()).isEmpty();
        assertThat(response.services()).isEmpty();
        assertThat(response.pipelineId()).isEqualTo(OptionalLong.empty());
        assertThat(response.userId()).isEqualTo(OptionalLong.empty());
        assertThat(response.refType()).isEmpty();
        assertThat(response.refProtected()).isEqualTo(Optional.empty());
        assertThat(response.variableValues("CI")).isEmpty();
        assertThat(response.maskedValues()).containsExactly("t");
    }

    @ParameterizedTest
    @CsvSource({
        "http://gitlab-ci-token:job-token@127.0.0.1:18080/acme/app.git, http://127.0.0.1:18080/acme/app.git",
        "https://gitlab.example.com/a/b.git, https://gitlab.example.com/a/b.git",
        "ssh://git@gitlab.example.com/a/b.git,",
        "'https://gitlab.example.com/a b.git',",
    })
    void tellsTheRepositoryWithoutTheLoginInItsUrl(String url, @Nullable String repository) throws IOException {
        JobResponse response =
                read(ResponseText.OLD.replace("http://gitlab-ci-token:job-token@127.0.0.1:18080/acme/app.git", url));
        assertThat(response.repository().map(URI::toString)).isEqualTo(Optional.ofNullable(repository));
    }

    @Test
    void keepsEveryValueOfARepeatedVariableInOrder() throws IOException {
        assertThat(read(ResponseText.OLD).variableValues("TWICE")).containsExactly("first", "second");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"paths": ["gitops-report/"], "when": "always"}                                             | true  | true
            {"paths": ["gitops-report"], "when": "always", "artifact_type": "archive"}                  | true  | true
            {"paths": ["a", "./gitops-report/**"], "when": "on_failure"}                                | false | true
            {"paths": ["gitops-report/*.html"], "when": ""}                                             | true  | false
            {"paths": ["."], "exclude": null}                                                           | true  | false
            {"paths": ["**/*.html"], "when": "on_success"}                                              | true  | false
            {"paths": ["gitops-report/deploy.env"], "when": "always"}                                   | false | false
            {"paths": ["$DIRECTORY"], "when": "always"}                                                 | false | false
            {"paths": ["{gitops"], "when": "always"}                                                    | false | false
            {"paths": ["gitops-report/"], "exclude": ["**/*.html"], "when": "always"}                   | false | false
            {"paths": ["gitops-report/"], "when": "always", "artifact_type": "dotenv"}                  | false | false
            {"paths": null, "untracked": true}                                                          | false | false
            """)
    void knowsWhichFileGitLabWillShow(String artifact, boolean whenGreen, boolean whenRed) throws IOException {
        JobResponse response =
                read(ResponseText.OLD.replace("\"artifacts\": null", "\"artifacts\": [" + artifact + "]"));

        assertThat(response.keeps("gitops-report/deploy-report.html", true)).isEqualTo(whenGreen);
        assertThat(response.keeps("gitops-report/deploy-report.html", false)).isEqualTo(whenRed);
    }

    @Test
    void givesEverySecretToTheMaskerAndNoOtherValue() throws IOException {
        assertThat(read(ResponseText.OLD).maskedValues())
                .containsExactly("job-token", "masked-value", "registry-password", "dependency-token");
    }

    @Test
    void givesTheLoginOfTheRegistryThatIsAskedFor() throws IOException {
        JobResponse response = read(ResponseText.OLD);

        assertThat(response.registryLogin("registry.example.com:5000"))
                .hasValueSatisfying(login -> assertThat(login.revealPassword()).isEqualTo("registry-password"));
        assertThat(response.registryLogin("registry.example.com")).isEmpty();
        assertThat(response.registryLogin("")).isEmpty();
    }

    @Test
    void printsNoSecret() throws IOException {
        JobResponse response = read(ResponseText.OLD);

        assertThat(response).hasToString("JobResponse[id=102]");
        assertThat(response.registryLogin("registry.example.com:5000").orElseThrow())
                .hasToString("RegistryLogin[registry=registry.example.com:5000, username=user, password=[redacted]]");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "id": 102,                      |                                | .id is missing
            "id": 102                       | "id": null                     | .id is missing
            "id": 102                       | "id": "102"                    | .id is not a whole number of at most 64 bits
            "id": 102                       | "id": 102.5                    | .id is not a whole number of at most 64 bits
            "id": 102                       | "id": 99999999999999999999     | .id is not a whole number of at most 64 bits
            "id": 102                       | "id": 0                        | .id cannot be: 0 is not a GitLab id
            "id": 102                       | "id": -1                       | .id cannot be: -1 is not a GitLab id
            "id": 102                       | "id": 102, "id": 103           | the document is not JSON, or has a name twice, at line 1, column 17
            "token": "job-token"            | "token": ""                    | .token is missing
            "token": "job-token"            | "token": "a\\u0000b"           | .token has a control character
            "ref_type": "branch"            | "ref_type": 5                  | .git_info.ref_type is not text
            "ref_type": "branch"            | "ref_type": "a\\nb"            | .git_info.ref_type has a control character
            "project_id": 22                | "project_id": true             | .job_info.project_id is not a whole number of at most 64 bits
            "project_id": 22                | "project_id": 0                | .job_info.project_id cannot be: 0 is not a GitLab id
            "project_id": 22                | "project_id": 22, "user_id": -4 | .job_info.user_id is negative
            "git_info": {                   | "other_info": {                | .git_info is missing
            "git_info": {                   | "git_info": null, "x": {       | .git_info is missing
            "ref": "main"                   | "ref": ""                      | .git_info.ref is missing
            "ref": "main"                   | "ref": "ma\\u0000in"           | .git_info.ref has a control character
            "ref": "main"                   | "ref": "main", "protected": "yes" | .git_info.protected is neither true nor false
            "sha": "4c300d29                | "sha": "zz                     | .git_info.sha cannot be: "zzc32b7e55210788f6835f3f000dc9cc7a" is not a full commit hash
            acme/app.git                    | acme/../../etc                 | .git_info.repo_url names no project
            acme/app.git                    | .git                           | .git_info.repo_url names no project
            "timeout": 600                  | "timeout": -1                  | .runner_info.timeout is not a number of seconds
            "timeout": 600                  | "timeout": 99999999999         | .runner_info.timeout is not a number of seconds
            "services": []                  | "services": {}                 | .services is not a list
            "services": []                  | "services": ["db"]             | .services[0] is not an object
            {"key": "TWICE"                 | {"key": ""                     | .variables[2].key is missing
            "masked": true                  | "masked": 1                    | .variables[1].masked is neither true nor false
            """)
    void saysWhatIsWrong(String part, String instead, String saw) throws IOException {
        String text = ResponseText.OLD.replaceFirst(
                Pattern.quote(part), Matcher.quoteReplacement(instead == null ? "" : instead));

        assertRefused(text, saw);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "null", "[]", "7", "{", "{\"id\": 1", "not json", "\u0000", "{\"id\": job-token}"})
    void refusesWhatIsNoObject(String text) throws IOException {
        Path file = file(text);

        assertThatThrownBy(() -> JobResponse.read(file)).isInstanceOfSatisfying(ExecutorException.class, failed -> {
            assertThat(failed.code()).isEqualTo(FailureCode.JOB_RESPONSE_INVALID);
            assertThat(failed).hasNoCause();
            assertThat(failed.failure().block()).doesNotContain("job-token").doesNotContain("jackson");
        });
    }

    @Test
    void refusesASecondDocument() throws IOException {
        assertRefused(ResponseText.OLD + "{}", "there is something after the JSON object");
    }

    @Test
    void refusesDeepNesting() throws IOException {
        String deep = "[".repeat(40) + "]".repeat(40);

        assertRefused(
                ResponseText.OLD.replace("\"services\": []", "\"services\": " + deep),
                "the document is nested too deep, or has a name or number that is too long, at line 10, column 46");
    }

    @Test
    void refusesAHugeFile() throws IOException {
        assertRefused(" ".repeat(16 * 1024 * 1024 + 1), "the file is larger than 16777216 bytes");
    }

    @Test
    void readsALargeVariable() throws IOException {
        String large = "x".repeat(12 * 1024 * 1024);

        assertThat(read(ResponseText.OLD.replace("second", large)).variableValues("TWICE"))
                .contains(large);
    }

    @Test
    void saysThatTheFileIsNotThere() {
        Path missing = directory.resolve("none");

        assertThatThrownBy(() -> JobResponse.read(missing))
                .isInstanceOfSatisfying(
                        ExecutorException.class,
                        failed -> assertThat(failed.failure().saw())
                                .isEqualTo("java.nio.file.NoSuchFileException: " + missing));
    }

    private void assertRefused(String text, String saw) throws IOException {
        Path file = file(text);

        assertThatThrownBy(() -> JobResponse.read(file)).isInstanceOfSatisfying(ExecutorException.class, failed -> {
            assertThat(failed.failure().saw()).isEqualTo(saw);
            assertThat(failed.code()).isEqualTo(FailureCode.JOB_RESPONSE_INVALID);
            assertThat(failed.failure().on()).isEqualTo(file.toString());
        });
    }

    private JobResponse read(String text) throws IOException {
        return JobResponse.read(file(text));
    }

    private Path file(String text) throws IOException {
        return Files.write(directory.resolve("response.json"), text.getBytes(UTF_8));
    }
}
