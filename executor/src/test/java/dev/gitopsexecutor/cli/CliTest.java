package dev.gitopsexecutor.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.job.Invocation;
import dev.gitopsexecutor.ledger.AuditEntry;
import dev.gitopsexecutor.ledger.AuditLog;
import dev.gitopsexecutor.ledger.BrokenGlass;
import dev.gitopsexecutor.model.EnvironmentName;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CliTest {
    private static final Path ETC = Path.of("../packaging/etc");

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir
    private Path directory;

    private Path executor;
    private Path policy;

    @BeforeEach
    void write() throws IOException {
        policy = Files.copy(ETC.resolve("policy.yaml"), directory.resolve("policy.yaml"));
        executor = directory.resolve("executor.yaml");
        Files.writeString(
                executor,
                Files.readString(ETC.resolve("executor.yaml"))
                                .replace("# confirm_jobs:", "confirm_jobs:")
                                .replace("# api_token_file:", "api_token_file:")
                        + "policy_file: %s%nstate_dir: %s%n".formatted(policy, directory));
    }

    @Test
    void checkSumsUpBothFiles() {
        assertThat(run("check", "--config=" + executor)).isZero();
        assertThat(out.toString(UTF_8))
                .startsWith(
                        executor + ": GitLab https://gitlab.example.com, Vault https://vault.example.com\n" + policy)
                .contains(": 2 environments, policy ");
        assertThat(err.size()).isZero();
    }

    @Test
    void checkFailsWhenNobodyCanTellWhatThePolicyAsks() throws IOException {
        replace(executor, "api_token_file:", "# api_token_file:");

        assertThat(run("check", "--config=" + executor)).isEqualTo(2);
        assertThat(err.toString(UTF_8))
                .isEqualTo(("%s: environments.production.start: a manual start is known to GitLab alone; set"
                                + " gitlab.confirm_jobs and gitlab.api_token_file in %s, or write `start: automatic`%n")
                        .formatted(policy, executor));
    }

    @Test
    void checkFailsWhenThereIsNoProxyForAWayOut() throws IOException {
        replace(policy, "    tier: staging", "    egress: [\"pypi.org:443\"]\n    tier: staging");

        assertThat(run("check", "--config=" + executor)).isEqualTo(2);
        assertThat(err.toString(UTF_8))
                .isEqualTo(("%s: environments.staging.egress: a way out leads through a proxy; set docker.egress_image"
                                + " in %s%n")
                        .formatted(policy, executor));
        replace(executor, "# egress_image:", "egress_image:");
        assertThat(run("check", "--config=" + executor)).isZero();
    }

    @Test
    void checkFailsWhenNobodyCouldRotateWhatThePolicyLets() throws IOException {
        replace(policy, "paths: [shop/staging]", "paths: [shop/staging]\n      generated: {\"shop/staging#key\": 48}");

        assertThat(run("check", "--config=" + executor)).isEqualTo(2);
        assertThat(err.toString(UTF_8))
                .isEqualTo(
                        ("%s: environments.staging.vault.generated: `secrets rotate` acts as the executor itself; set"
                                        + " vault.own_identity in %s%n")
                                .formatted(policy, executor));
        replace(executor, "# own_identity:", "own_identity: {role_id: abc, secret_id_file: /etc/secret-id} #");
        assertThat(run("check", "--config=" + executor)).isZero();
    }

    @Test
    void checkFailsWhenTheCertificatesForAPublicUrlCannotBeRead() throws IOException {
        Path none = directory.resolve("none.pem");
        Path empty = Files.writeString(directory.resolve("empty.pem"), "");
        String checks = "    checks: {public_hosts: [shop.example.com], ca_file: %s}\n";
        replace(policy, "    tier: staging", checks.formatted(none) + "    tier: staging");
        replace(policy, "    tier: production", checks.formatted(empty) + "    tier: production");

        assertThat(run("check", "--config=" + executor)).isEqualTo(2);
        assertThat(err.toString(UTF_8))
                .contains(
                        "%s: environments.staging.checks.ca_file: %s: there is no such file%n".formatted(policy, none),
                        "%s: environments.production.checks.ca_file: %s: ".formatted(policy, empty),
                        "holds no certificate");
    }

    @Test
    void checkFailsWhenSomebodyCannotBeToldAsThePolicyHasIt() throws IOException {
        Path secret = Files.writeString(directory.resolve("webhook"), "https://hooks.slack.com/services/secret");
        replace(
                policy,
                "    tier: staging",
                "    notify: [{to: ops, mention: [\"@here\", \"dana@example.com\"]}, {to: others}]\n    tier: staging");
        replace(executor, "# notifiers:", "notifiers: {ops: {slack: {webhook_file: %s}}} #".formatted(secret));

        assertThat(run("check", "--config=" + executor)).isEqualTo(2);
        assertThat(err.toString(UTF_8))
                .isEqualTo(("%1$s: environments.staging.notify: dana@example.com means nothing in the channel of ops;"
                                + " remove it%n%1$s: environments.staging.notify: others is not one of the notifiers in"
                                + " %2$s%n%2$s: notifiers.ops: %3$s: its mode is rw-r--r--: others than its owner may"
                                + " use it%n")
                        .formatted(policy, executor, secret));
    }

    @Test
    void notifySaysThatNobodyIsTold() {
        assertThat(run("notify", "staging", "--config=" + executor)).isEqualTo(1);
        assertThat(err.toString(UTF_8)).isEqualTo("Nobody is told of staging: policy.yaml has no `notify` there.\n");
        assertThat(run("notify", "stageing", "--config=" + executor)).isEqualTo(2);
        assertThat(err.toString(UTF_8)).contains("Did you mean \"staging\"?");
    }

    @Test
    void notifySaysOfEachWhetherItWasTold() throws IOException {
        replace(policy, "    tier: staging", "    notify: [{to: ops}, {to: others}]\n    tier: staging");
        replace(executor, "# notifiers:", "notifiers: {ops: {slack: {webhook_file: /nowhere/webhook}}} #");

        assertThat(run("notify", "staging", "--event=drift", "--config=" + executor))
                .isEqualTo(1);
        assertThat(out.toString(UTF_8)).isEqualTo("""
                        ops was not told: its secret cannot be read: there is no such file
                        others was not told: executor.yaml has no such notifier
                        """);
    }

    @Test
    void doctorWantsToBeToldWhatToLookAt() {
        assertThat(run("doctor", "--config=" + executor)).isEqualTo(2);
        assertThat(err.toString(UTF_8)).isEqualTo("Say what to look at: --sandbox.\n");
    }

    @Test
    void doctorOfAnEngineThatDoesNotAnswerIsAFailureBlock() throws IOException {
        replace(executor, "# socket: /var/run/docker.sock", "socket: " + directory.resolve("none.sock"));

        assertThat(run("doctor", "--sandbox", "--config=" + executor)).isEqualTo(2);
        assertThat(err.toString(UTF_8)).contains("[ENGINE_UNREACHABLE]", "none.sock");
    }

    @Test
    void doctorRefusesAnImageThatIsNone() {
        assertThat(run("doctor", "--sandbox", "--image=A:b:c", "--config=" + executor))
                .isEqualTo(2);
        assertThat(err.toString(UTF_8)).contains("Invalid value for option '--image'", "image");
    }

    @Test
    void checkPrintsTheProblemsOfBothFiles() throws IOException {
        replace(executor, "version: 1", "version: 2");
        replace(policy, "version: 1", "version: 3");

        assertThat(run("check", "--config=" + executor)).isEqualTo(2);
        assertThat(err.toString(UTF_8))
                .contains("[CONFIG_INVALID]", ": version: \"2\": write 1", ": version: \"3\": write 1");
        assertThat(out.size()).isZero();
    }

    @Test
    void checkFailsWhenThePolicyAloneIsBroken() throws IOException {
        replace(policy, "version: 1", "version: 3");

        assertThat(run("check", "--config=" + executor)).isEqualTo(2);
        assertThat(out.toString(UTF_8)).startsWith(executor + ": GitLab");
        assertThat(err.toString(UTF_8)).contains("on:   " + policy, "version: \"3\": write 1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"policy_file: policy.yaml\n", "policy_file: [\n"})
    void checkSaysThatThePolicyWasNotChecked(String line) throws IOException {
        replace(executor, "policy_file: %s%n".formatted(policy), line);

        assertThat(run("check", "--config=" + executor)).isEqualTo(2);
        assertThat(err.toString(UTF_8))
                .contains(
                        "[CONFIG_INVALID]",
                        "policy.yaml: not checked, since nobody can tell from %s where it is\n".formatted(executor));
    }

    @Test
    void checkOfNoFileIsNoCrash() {
        assertFails("""
                Cannot read the configuration. [CONFIG_INVALID]
                  on:   /nonexistent.yaml
                  saw:  there is no such file
                """, "check", "--config=/nonexistent.yaml");
    }

    @Test
    void checkReadsADeploySpecAlone() {
        assertThat(run("check", "--deploy=../examples/shop/.gitops/deploy.yaml", "--config=/nonexistent.yaml"))
                .isZero();
        assertThat(out.toString(UTF_8)).contains("deploy.yaml: 1 services, ");
    }

    @Test
    void checkOfADeploySpecPrintsItsProblems() throws IOException {
        Path deploy = Files.writeString(directory.resolve("deploy.yaml"), "version: 1\nservice: {}\n");

        assertThat(run("check", "--deploy", deploy.toString())).isEqualTo(2);
        assertThat(err.toString(UTF_8))
                .contains(
                        "[DEPLOY_SPEC_INVALID]",
                        deploy + ":2:1: service: unknown key; did you mean \"services\"?",
                        "`gitops-executor check --deploy=FILE` reads it again.");
    }

    @Test
    void checkOfADeploySpecThatCannotBeReadIsNoCrash() {
        assertFails("""
                Cannot read the file. [USAGE]
                  on:   /nonexistent.yaml
                  saw:  there is no such file
                """, "check", "--deploy=/nonexistent.yaml");
        assertFails(
                "Cannot read the file. [USAGE]\n  on:   %s\n  saw:  java.io.IOException: ".formatted(directory),
                "check",
                "--deploy=" + directory);
        assertFails("Cannot use the configuration. [DEPLOY_SPEC_INVALID]", "check", "--deploy=/dev/zero");
    }

    @Test
    void deploymentsOfNoEnvironmentAreNoCrash() {
        assertFails("""
                Cannot print deployments. [USAGE]
                  on:   ENVIRONMENT PROD
                  saw:  "PROD" is not an environment name""", "deployments", "--config=" + executor, "PROD");
        assertFails(
                "Cannot print deployments. [USAGE]\n  on:   --limit -1\n",
                "deployments",
                "--config=" + executor,
                "--limit=-1",
                "staging");
    }

    @Test
    void deploymentsOfAnUntouchedEnvironmentAreNone() {
        assertThat(run("deployments", "--config=" + executor, "staging")).isZero();
        assertThat(out.toString(UTF_8)).startsWith("FINISHED").hasLineCount(1);
    }

    @Test
    void deploymentsFromADamagedLedgerAreNoCrash() throws IOException {
        Files.writeString(directory.resolve("ledger.db"), "no database ".repeat(1000));

        assertFails("Cannot open the ledger. [LEDGER_FAILED]", "deployments", "--config=" + executor, "staging");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "nonsense", "check --nonsense", "deployments", "deployments a --limit=x", "check @x y"})
    void wrongUsageEndsWith2AndIsSaidOnStderr(String arguments) {
        assertThat(run(arguments.isEmpty() ? new String[0] : arguments.split(" ")))
                .isEqualTo(2);
        assertThat(err.toString(UTF_8)).isNotBlank().doesNotContain("\tat ", "Exception");
        assertThat(out.size()).isZero();
    }

    @Test
    void helpIsNoFailure() {
        assertThat(run("--help")).isZero();
        assertThat(out.toString(UTF_8)).contains("Usage: gitops-executor");
    }

    @Test
    void auditVerifySaysWhetherTheLogIsWhole() throws IOException {
        Path file = AuditLog.in(directory);
        AuditLog log = new AuditLog(file);
        for (String result : List.of("allowed", "denied")) {
            log.append(new AuditEntry(
                    Instant.EPOCH, Map.of(), "deploy", Map.of(), result, List.of(), List.of(), "policy", "config"));
        }

        assertThat(run("audit", "verify", "--config=" + executor)).isZero();
        assertThat(out.toString(UTF_8))
                .isEqualTo("%s: 2 entries are whole; the last has the hash %s%n"
                        .formatted(file, log.verify().head()));

        replace(file, "\"result\":\"allowed\"", "\"result\":\"denied\"");
        out.reset();
        assertThat(run("audit", "verify", "--config=" + executor)).isEqualTo(1);
        assertThat(out.toString(UTF_8))
                .contains(
                        ": 1 entries are whole; ",
                        "%s:2: it does not follow the line before: one of the two was changed%n".formatted(file));
    }

    @Test
    void breakGlassNeedsAReasonAndIsWrittenDown() throws IOException {
        assertThat(run("break-glass", "production", "--config=" + executor, "--reason=checkout is down", "--minutes=5"))
                .as(err.toString(UTF_8))
                .isZero();
        assertThat(out.toString(UTF_8))
                .matches("production: the glass is broken until \\S+Z; deploy jobs must be started by user 5\n");
        assertThat(BrokenGlass.read(directory, new EnvironmentName("production"), Instant.now()))
                .hasValueSatisfying(glass -> assertThat(glass.by()).isEqualTo("dana"));

        out.reset();
        assertThat(run("break-glass", "production", "--config=" + executor, "--end"))
                .isZero();
        assertThat(run("break-glass", "production", "--config=" + executor, "--end"))
                .isZero();
        assertThat(out.toString(UTF_8))
                .isEqualTo("production: the glass is whole again\nproduction: the glass was whole\n");
        assertThat(Files.readAllLines(AuditLog.in(directory)))
                .hasSize(3)
                .first()
                .asString()
                .contains(
                        "\"actor\":{\"os_user\":\"dana\"},\"act\":\"break_glass\",\"object\":{\"environment\":\"production\"},"
                                + "\"result\":\"granted\",\"reasons\":[],\"details\":[\"checkout is down (broken by dana until ");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            nowhere    | --reason=checkout is down | the policy has no such environment
            staging    | --reason=checkout is down | the policy names nobody under `break_glass` there
            production | --reason=no               | a reason is one line of 8 to 200 characters
            """)
    void breakGlassRefusesWhatWouldOpenNothing(String environment, String reason, String saw) {
        assertThat(run("break-glass", environment, "--config=" + executor, reason))
                .isEqualTo(2);
        assertThat(err.toString(UTF_8)).contains("[USAGE]", "saw:  " + saw);
        assertThat(directory.resolve("break-glass")).doesNotExist();
    }

    @Test
    void breakGlassHoldsADayAtMost() {
        for (String minutes : List.of("0", "-1", "1441")) {
            assertThat(run(
                            "break-glass",
                            "production",
                            "--config=" + executor,
                            "--reason=checkout is down",
                            "--minutes=" + minutes))
                    .isEqualTo(2);
        }
        assertThat(run("break-glass", "production", "--config=" + executor))
                .as("neither reason nor end")
                .isEqualTo(2);
        assertThat(directory.resolve("break-glass")).doesNotExist();
    }

    @Test
    void aResultThatNobodyTakesIsAFailure() {
        OutputStream full = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("No space left on device");
            }
        };

        assertThat(run(full, "check", "--config=" + executor)).isEqualTo(2);
        assertThat(err.toString(UTF_8)).startsWith("Cannot print the result. [OUTPUT_LOST]\n");
    }

    @Test
    void whatNobodyForesawIsABugAndNoStackTraceOfJava() {
        OutputStream broken = new OutputStream() {
            @Override
            public void write(int b) {
                throw new StackOverflowError("deep");
            }
        };

        assertThat(run(broken, "check", "--config=" + executor)).isEqualTo(2);
        assertThat(err.toString(UTF_8))
                .startsWith("Cannot finish the command. [INTERNAL]\n  on:   check --config=")
                .contains("saw:  java.lang.StackOverflowError: deep\n", "report it with the lines above");
    }

    private void assertFails(String block, String... arguments) {
        err.reset();
        assertThat(run(arguments)).isEqualTo(2);
        assertThat(err.toString(UTF_8)).startsWith(block);
        assertThat(out.size()).isZero();
    }

    private int run(String... arguments) {
        return run(out, arguments);
    }

    private int run(OutputStream stdout, String... arguments) {
        return Cli.run(new Invocation(
                List.of(arguments),
                Map.of("SUDO_USER", "dana"),
                stdout,
                err,
                InstantSource.system(),
                new Cancellation()));
    }

    private static void replace(Path file, String found, String replacement) throws IOException {
        String text = Files.readString(file);
        assertThat(text).contains(found);
        Files.writeString(file, text.replace(found, replacement));
    }
}
