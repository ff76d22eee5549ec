package dev.gitopsexecutor.job;

import static dev.gitopsexecutor.job.JobAssertions.assertRuns;
import static dev.gitopsexecutor.job.JobAssertions.assertStatus;
import static dev.gitopsexecutor.testbed.JobResult.Status.SCRIPT_FAILURE;
import static dev.gitopsexecutor.testbed.JobResult.Status.SUCCESS;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.gitopsexecutor.notify.HttpPeer;
import dev.gitopsexecutor.testbed.AppVariant;
import dev.gitopsexecutor.testbed.Configuration;
import dev.gitopsexecutor.testbed.DeployEnvironment;
import dev.gitopsexecutor.testbed.JobResult;
import dev.gitopsexecutor.testbed.MailServer;
import dev.gitopsexecutor.testbed.RealParts;
import dev.gitopsexecutor.testbed.Release;
import dev.gitopsexecutor.testbed.Testbed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Who hears what of jobs, and that it changes nothing of how they end. */
@RealParts
class NotifiedDeployIT {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String ALL = "started, succeeded, failed, rolled_back, denied, drift";
    private static final String SLACK_PATH = "/services/T012AB3CD/B0123456/verysecretpart";
    private static final String KEY = "key-of-the-audit-hook";

    /** Slack's URL is in Vault, the key of the webhook in a file. */
    private static DeployEnvironment environment(Testbed testbed, String name, HttpPeer slack, HttpPeer hook)
            throws IOException {
        DeployEnvironment environment = testbed.newEnvironment(name)
                .withOwnIdentity()
                .rules("notify: [{to: ops-slack, mention: [\"@here\"]}, {to: audit-hook, on: [%s]}]".formatted(ALL))
                .create();
        testbed.vault()
                .write(
                        "shop/notify-" + environment.name(),
                        Map.of("url", slack.uri(SLACK_PATH).toString()));
        Path executor = environment.configuration().executorYaml();
        Path key = secret(environment.configuration(), "hook-key", KEY);
        Files.writeString(
                executor, """
                notifiers:
                  ops-slack: {slack: {webhook_secret: shop/notify-%s#url}}
                  audit-hook: {webhook: {url: %s, key_file: %s}}
                """.formatted(environment.name(), hook.uri("/deploys"), key), StandardOpenOption.APPEND);
        return environment;
    }

    private static Path secret(Configuration configuration, String name, String content) throws IOException {
        Path file = configuration.executorYaml().resolveSibling(name);
        Files.writeString(file, content + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return file;
    }

    private static List<JsonNode> messages(HttpPeer peer) throws IOException {
        List<JsonNode> messages = new ArrayList<>();
        for (HttpPeer.Request request : peer.requests()) {
            messages.add(JSON.readTree(request.body()));
        }
        return messages;
    }

    private static List<String> events(HttpPeer peer) throws IOException {
        return messages(peer).stream()
                .map(message -> message.path("event").asText())
                .toList();
    }

    private static String texts(HttpPeer peer) throws IOException {
        return messages(peer).stream()
                .map(message -> message.path("text").asText())
                .collect(Collectors.joining("\n"));
    }

    private static void assertNoSecret(JobResult result, DeployEnvironment environment) {
        assertThat(result.log()).doesNotContain("verysecretpart", KEY, environment.databasePassword());
    }

    @Test
    void tellsOfAGreenDeployAndOfOneThatWasRolledBack(Testbed testbed) throws Exception {
        try (HttpPeer slack = new HttpPeer(HttpPeer.answers(200, "ok"));
                HttpPeer hook = new HttpPeer(HttpPeer.answers(503, ""), HttpPeer.answers(204, ""))) {
            DeployEnvironment environment = environment(testbed, "told", slack, hook);
            Release good = environment.release();

            JobResult green = environment.runner().run(environment.job(good));

            assertStatus(green, SUCCESS);
            assertThat(green.log()).contains("  told that it began: audit-hook\n", "  told: ops-slack, audit-hook\n");
            assertThat(events(hook)).containsExactly("started", "started", "succeeded");
            assertThat(texts(slack)).matches("\\*acme/shop [^ ]+ is deployed to %s\\*".formatted(environment.name()));
            JsonNode told = messages(hook).getLast();
            assertThat(told.path("version").asText()).isEqualTo(good.tag());
            assertThat(told.at("/commit/sha").asText()).isEqualTo(good.sha());
            assertThat(told.at("/commit/title").asText()).isNotEmpty();
            assertThat(told.path("started_by").asText()).isNotEmpty();
            assertThat(told.path("job_url").asText()).contains("/acme/shop/-/jobs/");
            assertThat(told.path("seconds").asDouble()).isPositive();
            assertThat(told.path("failure").isNull()).isTrue();
            assertNoSecret(green, environment);

            JobResult red = environment.runner().run(environment.job(environment.release(AppVariant.UNHEALTHY)));

            assertStatus(red, SCRIPT_FAILURE);
            assertRuns(environment, environment.hosts().getFirst(), good);
            assertThat(events(hook)).endsWith("started", "rolled_back");
            JsonNode back = messages(hook).getLast();
            assertThat(back.path("previous_version").asText()).isEqualTo(good.tag());
            assertThat(back.at("/failure/sentence").asText()).contains("status 404");
            assertThat(texts(slack)).contains("<!here> *Deploying acme/shop ");
            for (HttpPeer peer : List.of(slack, hook)) {
                assertThat(peer.requests().toString())
                        .doesNotContain(
                                environment.databasePassword(),
                                testbed.registry().password());
            }
            assertNoSecret(red, environment);
        }
    }

    @Test
    void tellsOfAJobThatThePolicyRefuses(Testbed testbed) throws Exception {
        try (HttpPeer slack = new HttpPeer(HttpPeer.answers(200, "ok"));
                HttpPeer hook = new HttpPeer(HttpPeer.answers(204, ""))) {
            DeployEnvironment environment = environment(testbed, "refused", slack, hook);
            Release release = environment.release(AppVariant.HEALTHY, "feature/x", UnaryOperator.identity());

            JobResult result = environment.runner().run(environment.job(release));

            assertStatus(result, SCRIPT_FAILURE);
            assertThat(result.log()).contains("POLICY_DENIED", "  told: audit-hook\n");
            assertThat(events(hook)).containsExactly("denied");
            assertThat(messages(hook).getFirst().at("/failure/sentence").asText())
                    .contains("ref: refs/heads/feature/x; wanted: ");
            assertThat(slack.requests()).isEmpty();
        }
    }

    @Test
    void anUnreachableNotifierChangesNothing(Testbed testbed) throws Exception {
        HttpPeer gone = new HttpPeer(HttpPeer.answers(200, "ok"));
        try (gone;
                HttpPeer hook = new HttpPeer(HttpPeer.answers(403, "verysecretpart " + KEY))) {
            DeployEnvironment environment = environment(testbed, "untold", gone, hook);
            gone.close();

            JobResult result = environment.runner().run(environment.job(environment.release()));

            assertStatus(result, SUCCESS);
            assertThat(result.log())
                    .contains("Deployed, proven healthy.", "  audit-hook was not told: HTTP 403")
                    .containsPattern("  ops-slack was not told: nobody answers there at attempt 4, after \\d\\.\\d s")
                    .doesNotContain("told: ops-slack");
            assertNoSecret(result, environment);
        }
    }

    /** By the runtime that is shipped, which has fewer parts than a JDK. */
    @Test
    void anExampleReachesEveryChannel(Testbed testbed) throws Exception {
        try (HttpPeer slack = new HttpPeer(HttpPeer.answers(200, "ok"));
                HttpPeer telegram = new HttpPeer(HttpPeer.answers(200, "{\"ok\":true}"));
                HttpPeer hook = new HttpPeer(HttpPeer.answers(403, ""))) {
            DeployEnvironment environment = environment(testbed, "by-hand", slack, hook);
            Configuration configuration = environment.configuration();
            MailServer mail = testbed.mailServer();
            Files.writeString(
                    configuration.executorYaml(),
                    """
                      ops-telegram: {telegram: {token_file: %s, chat: "-100", api_url: %s}}
                      release-mail:
                        email: {server: localhost, port: %d, user: %s, password_file: %s, ca_file: %s,
                                from: a@example.com, to: [by-hand@example.com]}
                    """.formatted(
                                    secret(configuration, "token", "123456:" + "A".repeat(35)),
                                    telegram.uri(""),
                                    mail.port(),
                                    MailServer.USER,
                                    secret(configuration, "mail", MailServer.PASSWORD),
                                    mail.caFile()),
                    StandardOpenOption.APPEND);
            configuration.writePolicy(Files.readString(configuration.policyYaml())
                    .replace("notify: [", "notify: [{to: ops-telegram}, {to: release-mail}, "));

            Process process = new ProcessBuilder(
                            System.getProperty("launcher"),
                            "notify",
                            environment.name(),
                            "--event=failed",
                            "--config=" + configuration.executorYaml())
                    .redirectErrorStream(true)
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), UTF_8);

            assertThat(output).isEqualTo("""
                            ops-telegram was told
                            release-mail was told
                            ops-slack was told
                            audit-hook was not told: HTTP 403
                            """);
            assertThat(process.waitFor()).isEqualTo(1);
            assertThat(texts(slack)).startsWith("<!here> *[test] Deploying example/project 2.0.0 to ");
            assertThat(telegram.requests()).hasSize(1);
            assertThat(mail.awaitMail("by-hand@example.com")).contains("[test] Deploying");
        }
    }
}
