package dev.gitopsexecutor.job;

import static dev.gitopsexecutor.job.JobAssertions.assertStatus;
import static dev.gitopsexecutor.testbed.JobResult.Status.SCRIPT_FAILURE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.secrets.LeakSearch;
import dev.gitopsexecutor.testbed.AppVariant;
import dev.gitopsexecutor.testbed.DeployEnvironment;
import dev.gitopsexecutor.testbed.JobResult;
import dev.gitopsexecutor.testbed.RealParts;
import dev.gitopsexecutor.testbed.TargetHost;
import dev.gitopsexecutor.testbed.Testbed;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever prints a secret on the way, and however: no log, no file of evidence and no record has it. */
@RealParts
class MaskedOutputIT {
    /** Longer than what is shown of one line or of one answer: a cut must not leave half of it. */
    private static final String LONG = "long/" + "0123456789abcdef".repeat(60);

    private static final String SHORT = "s3cret-word/1+1=2";

    @ParameterizedTest
    @CsvSource({
        // Ends at once and prints its environment in many spellings.
        "TELLS_SECRETS, its last",
        // Answers its health check with them, and without a version.
        "ANSWERS_SECRETS, the answer has nothing at /version",
    })
    void ofAnApplicationThat(AppVariant variant, String seen, Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("teller").create();
        for (String secret : List.of(LONG, SHORT)) {
            testbed.vault().write(environment.secretPath(), Map.of("database_password", secret));

            JobResult result = environment.runner().run(environment.job(environment.release(variant)));

            assertStatus(result, SCRIPT_FAILURE);
            assertThat(result.log()).contains(seen, "[MASKED]");
            assertNowhere(secret, environment, result);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // Compose itself refuses and quotes what it read.
                "    \"%s\": 1\n",
                // The engine's error of a start, through Compose.
                "    command: [\"/no/such/%s\"]\n",
            })
    void ofComposeThatQuotesAValue(String line, Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("quoter").create();
        testbed.vault().write(environment.secretPath(), Map.of("database_password", SHORT));
        UnaryOperator<Map<String, String>> change = files -> {
            files.computeIfPresent(
                    "compose.yaml", (_, text) -> text.replaceFirst("(?m)^    ports:.*\n", line.formatted(SHORT)));
            return files;
        };

        JobResult result = environment
                .runner()
                .run(environment.job(environment.release(AppVariant.HEALTHY, environment.branch(), change)));

        assertStatus(result, SCRIPT_FAILURE);
        assertThat(result.log()).contains("Compose says:").containsPattern("(Additional property|no/such).*\\[MASKED]");
        assertNowhere(SHORT, environment, result);
    }

    private static void assertNowhere(String secret, DeployEnvironment environment, JobResult result) throws Exception {
        // Its ends alone too: a cut leaves half of it.
        int piece = Math.min(24, secret.length());
        LeakSearch search =
                new LeakSearch(secret, secret.substring(0, piece), secret.substring(secret.length() - piece));
        assertThat(search.in(result.log())).as("the job log").isEmpty();
        assertThat(search.in(result.runnerLog())).as("the runner's log").isEmpty();
        for (TargetHost host : environment.hosts()) {
            // What is committed is no secret of ours: the Compose file of the test that quotes one.
            String evidence = host.run(
                    "sh",
                    "-c",
                    "[ ! -d $0/.gitops ] || find $0/.gitops -type f ! -name .env ! -name compose.yaml -exec cat {} +",
                    environment.directory());
            assertThat(search.in(evidence)).as("files on " + host.name()).isEmpty();
            assertThat(host.run(
                            "sh",
                            "-c",
                            "find $0/.gitops/failed -name up.log -o -name '.env*' 2>/dev/null || :",
                            environment.directory()))
                    .isEmpty();
        }
        try (Stream<Path> state = Files.walk(environment.configuration().stateDirectory())) {
            for (Path file : state.filter(Files::isRegularFile).toList()) {
                try (var stream = Files.newInputStream(file)) {
                    assertThat(search.in(stream)).as(file.toString()).isEmpty();
                }
            }
        }
    }
}
