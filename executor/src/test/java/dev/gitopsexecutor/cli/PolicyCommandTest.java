package dev.gitopsexecutor.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.identity.TestKeyServer;
import dev.gitopsexecutor.identity.TestTokens;
import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.job.Invocation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** With the example policy, and the cases that are kept beside it. */
class PolicyCommandTest {
    private static final Path EXAMPLE = Path.of("../packaging/etc/policy.yaml");
    private static final Path CASES = Path.of("../examples/policy-cases");
    private static final String JOB_IMAGE = "--job-image=gitops-executor/job:1";
    private static final String TUESDAY = "--at=2026-11-24T09:00:00Z";
    private static final String CLAIMS = """
            {"project_id": "22", "project_path": "shop/app", "job_id": "4711", "pipeline_id": "99", "user_id": "5",
             "user_login": "dana", "namespace_id": "7", "runner_id": 12, "pipeline_source": "push", "ref": "main", "ref_type": "branch",
             "ref_path": "refs/heads/main", "ref_protected": "true", "sha": "1a2b3c4d1a2b3c4d1a2b3c4d1a2b3c4d1a2b3c4d",
             "ci_config_ref_uri": "gitlab.example.com/shop/app//.gitlab-ci.yml@refs/heads/main",
             "ci_config_sha": "1a2b3c4d1a2b3c4d1a2b3c4d1a2b3c4d1a2b3c4d", "environment": "production"}
            """;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir
    private Path directory;

    private Path policy;

    @BeforeEach
    void write() throws IOException {
        policy = Files.copy(EXAMPLE, directory.resolve("policy.yaml"));
    }

    @Test
    void lintRemarksOnTheTagOfTheExampleAlone() throws IOException {
        assertThat(run("lint")).isEqualTo(1);
        assertThat(out.toString(UTF_8))
                .startsWith(
                        policy + ": environments.production.job_images: gitops-executor/job:1 can become another image")
                .hasLineCount(1);

        String pinned = "gitops-executor/job@sha256:" + "0".repeat(64);
        replace("[gitops-executor/job:1]", "[\"" + pinned + "\"]");
        out.reset();
        assertThat(run("lint")).isZero();
        assertThat(out.toString(UTF_8)).isEqualTo(policy + ": nothing to say\n");
    }

    @Test
    void lintPrintsProblemsWithTheirLines() throws IOException {
        replace("tier: staging  ", "tier: stagin  ");

        assertThat(run("lint")).isEqualTo(2);
        assertThat(err.toString(UTF_8))
                .contains("[CONFIG_INVALID]", "policy.yaml:7:11: environments.staging.tier: \"stagin\": write one of");
    }

    @Test
    void testAcceptsTheCasesOfTheExamples() {
        assertThat(run("test", CASES.toString())).as(out.toString(UTF_8)).isZero();
        assertThat(out.toString(UTF_8))
                .contains("  ok    a feature branch reaches no shared environment\n")
                .containsPattern("(?m)^11 cases, 0 failed; policy .*policy.yaml, [0-9a-f]{12}$");
    }

    @Test
    void testTellsEachCaseThatDiffers() throws IOException {
        replace("refs: [refs/heads/develop]", "refs: ['refs/heads/*']");
        replace("roles: [maintainer, owner]", "roles: [owner]");

        assertThat(run("test", CASES.toString())).isEqualTo(1);
        assertThat(out.toString(UTF_8))
                .contains(
                        "  FAIL  a maintainer deploys main to production: wanted: allowed; it is denied by starter\n",
                        "  ok    a developer does not\n",
                        "\n11 cases, 1 failed");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    expect: denied | denied_by: missing; name the checks that must fail
                    expect: maybe | expect: "maybe": write one of allowed, denied
                    expect: allowed\\n    denied_by: [ref] | denied_by: contradicts `expect: allowed`
                    expect: allowed\\n    claims: {ref_path: main} | claims: token.ref_path: "main"; wanted: a full ref path
                    expect: allowed\\n    claims: {ref_protected: yes} | claims: token.ref_protected: "yes"; wanted: "true" or "false"
                    expect: allowed\\n    clams: {} | clams: unknown key; did you mean "claims"?
                    """)
    void testRefusesCasesThatProveNothing(String lines, String problem) throws IOException {
        Path cases = Files.createDirectory(directory.resolve("cases"));
        Files.writeString(cases.resolve("one.yaml"), """
                version: 1
                job_image: gitops-executor/job:1
                claims: {project_id: 22, ref_path: refs/heads/main, ref_protected: true}
                cases:
                  one:
                    %s
                """.formatted(lines.replace("\\n", "\n")));

        assertThat(run("test", cases.toString())).isEqualTo(2);
        assertThat(err.toString(UTF_8))
                .contains("[CONFIG_INVALID]", "one.yaml:")
                .contains(problem);
    }

    @Test
    void testWantsADirectoryWithCases() {
        assertThat(run("test", directory.resolve("none").toString())).isEqualTo(2);
        assertThat(err.toString(UTF_8)).contains("[USAGE]", "it is no directory, or cannot be read");
    }

    @Test
    void explainPrintsTheWholeDecision() throws IOException {
        Path claims = Files.writeString(directory.resolve("claims.json"), CLAIMS);

        assertThat(run("explain", "--claims=" + claims, JOB_IMAGE, TUESDAY)).isZero();
        assertThat(out.toString(UTF_8))
                .startsWith("CHECK                  VERDICT  SEEN ")
                .containsPattern("(?m)^ref +ok +refs/heads/main +refs/heads/main$")
                .containsPattern("(?m)^starter +ok +user 5 \\(dana\\), role unknown +one of user 5, maintainer, owner$")
                .containsPattern(
                        "\n\nAllowed \\(policy [0-9a-f]{12}\\)\\.\nDecided when the job runs: job_running, deployment, ref_protected_now, "
                                + "start_by_hand, release_image, public_url, secret_age, promotes_from, env_keys\n$");
    }

    @Test
    void explainLeavesOutWhatItIsNotTold() throws IOException {
        Path claims = Files.writeString(directory.resolve("claims.json"), CLAIMS);

        assertThat(run("explain", "--claims=" + claims, TUESDAY)).isZero();
        assertThat(out.toString(UTF_8))
                .doesNotContainPattern("(?m)^job_image ")
                .contains("\nDecided when the job runs: job_image, job_running, ");
    }

    @Test
    void explainDecidesAsIfItWereThen() throws IOException {
        Path claims = Files.writeString(directory.resolve("claims.json"), CLAIMS);

        assertThat(run("explain", "--claims=" + claims, "--at=2026-11-28T09:00:00Z"))
                .isEqualTo(1);
        assertThat(out.toString(UTF_8))
                .containsPattern(
                        "(?m)^freeze +FAIL +freeze \"weekends\" until mon 06:00 UTC +no freeze at 2026-11-28T09:00:00Z")
                .contains("\nDenied: freeze (policy ");
        out.reset();
        assertThat(run("explain", "--claims=" + claims, "--at=2026-11-28T09:00:00Z", "--broken-glass"))
                .isZero();
        assertThat(run("explain", "--claims=" + claims, "--at=tomorrow")).isEqualTo(2);
    }

    @Test
    void explainNamesTheFirstCheckThatFailsAndWhatToDo() throws IOException {
        Path claims = Files.writeString(
                directory.resolve("claims.json"),
                CLAIMS.replace("\"ref_protected\": \"true\"", "\"ref_protected\": \"false\""));

        assertThat(run("explain", "--claims=" + claims, JOB_IMAGE, "--environment=staging"))
                .isEqualTo(1);
        assertThat(out.toString(UTF_8))
                .containsPattern("(?m)^environment_claim +FAIL +production +staging$")
                .containsPattern("(?m)^ref_protected +FAIL +not protected +protected$")
                .containsPattern(
                        "\n\nDenied: environment_claim \\(policy [0-9a-f]{12}\\)\\.\nnext: Write `environment: ");
    }

    @ParameterizedTest
    @CsvSource({"'claims: none', it is not a JSON object", "{}, 'job_id: none; wanted: a job''s id, as text'"})
    void explainRefusesClaimsThatNoJobHas(String json, String saw) throws IOException {
        Path claims = Files.writeString(directory.resolve("claims.json"), json);

        assertThat(run("explain", "--claims=" + claims, JOB_IMAGE)).isEqualTo(2);
        assertThat(err.toString(UTF_8)).contains("[USAGE]", saw);
    }

    @Test
    void explainVerifiesAToken() throws Exception {
        try (TestKeyServer gitlab = TestKeyServer.ofTestTokens()) {
            Path executor = directory.resolve("executor.yaml");
            Files.writeString(
                    executor,
                    Files.readString(Path.of("../packaging/etc/executor.yaml"))
                                    .replace(
                                            "# jwks_url: https://gitlab.example.com/oauth/discovery/keys",
                                            "jwks_url: " + gitlab.uri())
                            + "state_dir: %s%n".formatted(directory));
            String token = TestTokens.identity(Map.of()).revealToken();
            Path file = Files.writeString(directory.resolve("token"), token + "\n");

            assertThat(run("explain", "--config=" + executor, "--token-file=" + file, JOB_IMAGE, TUESDAY))
                    .as(out.toString(UTF_8) + err.toString(UTF_8))
                    .isZero();
            assertThat(out.toString(UTF_8))
                    .containsPattern("(?m)^token\\.signature +ok +verifies +one by https://gitlab.example.com$")
                    .containsPattern("(?m)^job_image +ok ");

            out.reset();
            Files.writeString(file, token.substring(0, token.length() - 8) + "AAAAAAAA");
            assertThat(run("explain", "--config=" + executor, "--token-file=" + file, JOB_IMAGE))
                    .isEqualTo(1);
            assertThat(out.toString(UTF_8))
                    .containsPattern(
                            "(?m)^token\\.signature +FAIL +a signature that does not verify +one by https://gitlab.example.com$")
                    .contains("\nDenied: token.signature (")
                    .doesNotContain("job_image");
        }
    }

    private int run(String command, String... arguments) {
        List<String> words = new ArrayList<>(List.of("policy", command, "--policy=" + policy));
        words.addAll(List.of(arguments));
        return Cli.run(new Invocation(words, Map.of(), out, err, InstantSource.system(), new Cancellation()));
    }

    private void replace(String found, String replacement) throws IOException {
        String text = Files.readString(policy);
        assertThat(text).contains(found);
        Files.writeString(policy, text.replace(found, replacement));
    }
}
