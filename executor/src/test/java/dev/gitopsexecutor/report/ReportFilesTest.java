package dev.gitopsexecutor.report;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gitopsexecutor.checks.CheckResult.Failed;
import dev.gitopsexecutor.checks.CheckResult.Passed;
import dev.gitopsexecutor.deploy.CheckJournal;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.report.DeployReport.Kind;
import dev.gitopsexecutor.report.DeployReport.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReportFilesTest {
    private static final int MIB = 1024 * 1024;
    private static final Failure REFUSED =
            new Failure(FailureCode.TOKEN_REFUSED, "prove who the job is", "job 7", "it expired", "Retry the job.");

    @Test
    void pageTellsTheOutcomeFirstAndWhatFailedBeforeAllElse() {
        String page = files(Samples.rolledBack(2)).page();

        assertThat(page)
                .contains("<title>shop to production: Rolled back</title>", "<h1>Rolled back: health: status 503</h1>")
                .containsSubsequence(
                        "<h1>",
                        ">What failed<",
                        "CHECK_FAILED",
                        ">Facts<",
                        "Show the basket&#39;s total before the customer pays",
                        "Ada Lovelace",
                        "href=\"https://gitlab.example.com/acme/shop/-/pipelines/815\"",
                        ">Timeline<",
                        ">Hosts<",
                        "web-1",
                        ">Checks<",
                        "status 503; wanted: status 2xx three times in a row",
                        ">Images<",
                        "registry.example.com/shop/app:1.42.0@sha256:" + "a".repeat(64),
                        ">Phases<",
                        "docker ps --all --filter label=com.docker.compose.project=shop");
        assertThat(files(Samples.deployed(1)).page())
                .contains("<h1>Deployed, proven healthy</h1>")
                .doesNotContain("What failed");
    }

    @Test
    void pageHasABarForEachPhaseAndALaneForEachPlace() {
        String page = files(Samples.rolledBack(50)).page();

        assertThat(Pattern.compile("class=\"bar phase").matcher(page).results())
                .hasSize(Samples.rolledBack(50).phases().size());
        assertThat(page).contains("bar phase back");
        assertThat(Pattern.compile("<text class=\"label\"[^>]*>web-\\d+</text>")
                        .matcher(page)
                        .results())
                .hasSize(50);
    }

    @Test
    void whatExplainsAFailedCheckIsInPageAndJson() throws Exception {
        ReportFiles files = files(Samples.rolledBack(2));

        assertThat(files.page())
                .containsSubsequence(
                        "What failed",
                        "Containers that failed",
                        "<details open><summary>web-1</summary><pre>",
                        "| 2026-01-31 12:00:17 ERROR giving up",
                        ">Facts<");
        JsonNode explanation = json(files).at("/explanations/0");
        assertThat(explanation.path("place").asText()).isEqualTo("web-1");
        assertThat(explanation.path("text").asText()).contains("exit code 1, connection refused\n", "\n| 2026-01-31");
        assertThat(files(Samples.deployed(2)).page()).doesNotContain("Containers that failed");
    }

    @Test
    void pageShowsFailedPlacesFirstWhenThereIsNoRoomForAll() {
        List<CheckJournal.Entry> checks = new ArrayList<>();
        for (int number = 1; number <= 100; number++) {
            checks.add(new CheckJournal.Entry(
                    "web-" + number,
                    Samples.at(900),
                    number == 99
                            ? new Failed("health", "web-99", "200", "503", 1, Duration.ofMillis(5))
                            : new Passed("health", "web-1", "200", 1, Duration.ofMillis(5))));
        }

        String page = files(Samples.withChecks(Samples.deployed(1), checks)).page();

        assertThat(page)
                .containsSubsequence(
                        "<text class=\"label\" x=\"0\"", ">web-99</text>", ">web-1</text>", ">web-59</text>")
                .doesNotContain(">web-60</text>");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<script>alert(1)</script>",
                "\"><img src=x onerror=alert(1)>",
                "' onmouseover='alert(1)",
                "]]><svg/onload=alert(1)>",
                "</style></title></pre></svg><script>",
                "javascript:alert(1)",
                "&lt;script&gt;",
                "a\u202Eb\u2066c\u200Fd\u0000e\u001B[31mf\uFEFF",
                "\uD800 lone",
            })
    void foreignTextIsNothingButText(String text) throws Exception {
        ReportFiles files = files(Samples.hostile(text));

        assertThat(files.page())
                .doesNotContain("<script", "<img", "onload=alert(1)>", " onmouseover='", "href=\"javascript")
                .doesNotContainPattern("[\\p{Cc}\\p{Cf}&&[^\\n]]");
        assertThat(tags(files.page()))
                .isEqualTo(tags(files(Samples.hostile("text")).page()));
        assertThat(files.json()).doesNotContainPattern("[\\p{Cf}\\u0000]|\\\\u[0-9a-f]{4}");
        JsonNode json = json(files);
        assertThat(json.at("/commit/title").asText())
                .isEqualTo(json.at("/failure/saw").asText());
    }

    @Test
    void masksSecretsBeforeTheyAreEscapedOrCut() throws Exception {
        String secret = "p<a&\"b" + "x".repeat(50);
        UnaryOperator<String> mask = text -> text.replace(secret, "[MASKED]");

        ReportFiles files = ReportFiles.of(Samples.hostile("y".repeat(280) + secret + " z"), mask);

        for (String file : List.of(files.page(), files.json(), files.dotenv())) {
            assertThat(file).doesNotContain("p<a", "p&lt;a", "xxx");
        }
        assertThat(json(files).at("/commit/title").asText()).endsWith("[MASKED] z");
    }

    @Test
    void pageAllowsNothingButItsOwnStyle() throws Exception {
        String page = files(Samples.deployed(3)).page();

        assertThat(page)
                .containsPattern("Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-[^']{44}';")
                .doesNotContain("<script", "<link", " style=", "@import", "url(", " src=");
        assertThat(Pattern.compile("https?://[^\"<]*").matcher(page).results().map(found -> found.group()))
                .allMatch(url -> url.contains("example.com"));
    }

    @Test
    void jsonSaysEverything() throws Exception {
        JsonNode json = json(files(Samples.rolledBack(2)));

        assertThat(json.fieldNames())
                .toIterable()
                .containsExactly(
                        "schema",
                        "outcome",
                        "environment",
                        "job",
                        "commit",
                        "links",
                        "started",
                        "ended",
                        "seconds",
                        "release",
                        "previous",
                        "hosts",
                        "phases",
                        "checks",
                        "explanations",
                        "left_out",
                        "failure");
        assertThat(json.at("/schema").asInt()).isEqualTo(1);
        assertThat(json.at("/outcome").toString())
                .isEqualTo(
                        "{\"word\":\"rolled_back\",\"green\":false,\"kind\":\"deploy\",\"sentence\":\"Rolled back: health: status 503\"}");
        assertThat(json.at("/environment").toString())
                .isEqualTo(
                        "{\"name\":\"production\",\"tier\":\"production\",\"compose_project\":\"shop\",\"url\":\"https://shop.example.com/\"}");
        assertThat(json.at("/started").asText()).isEqualTo("2026-01-31T12:00:05.250Z");
        assertThat(json.at("/release/images/app/digest").asText()).isEqualTo("sha256:" + "a".repeat(64));
        assertThat(json.at("/previous/version").asText()).isEqualTo("1.41.0");
        assertThat(json.at("/hosts/0/after/version").asText()).isEqualTo("1.41.0");
        assertThat(json.at("/checks/0").toString())
                .isEqualTo("{\"place\":\"web-1\",\"check\":\"health\",\"result\":\"failed\",\"saw\":\"status 503\","
                        + "\"wanted\":\"status 2xx three times in a row\",\"attempts\":12,"
                        + "\"known\":\"2026-01-31T12:00:17.950Z\",\"seconds\":4.6}");
        assertThat(json.at("/failure/code").asText()).isEqualTo("CHECK_FAILED");
        assertThat(json.at("/failure/saw").asText()).contains("\nwanted: status 2xx");
    }

    @Test
    void operationsPageExplainsEveryMember() throws Exception {
        JsonNode json = json(files(Samples.rolledBack(1)));
        String page = Files.readString(Path.of("../docs/operations.md"));
        Map<String, String> rows = new LinkedHashMap<>();
        page.substring(page.indexOf("\n| member | is |\n"), page.indexOf("\n## What is on a host\n"))
                .lines()
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.split(" \\| ", 2))
                .forEach(cells -> Pattern.compile("`([a-z_]+)`")
                        .matcher(cells[0])
                        .results()
                        .forEach(name -> rows.put(name.group(1), cells[1])));

        assertThat(rows.keySet()).containsExactlyElementsOf(json::fieldNames);
        json.properties().forEach(member -> {
            JsonNode value = member.getValue().isArray() ? member.getValue().get(0) : member.getValue();
            String row = rows.getOrDefault(member.getKey(), "");
            assertThat(value.properties()).allMatch(inner -> row.contains("`" + inner.getKey() + "`"));
        });
    }

    @Test
    void whatNobodyKnowsIsNullAndNotOnThePage() throws Exception {
        ReportFiles files = files(Samples.refused(REFUSED));

        JsonNode json = json(files);
        assertThat(json.at("/environment").toString())
                .isEqualTo("{\"name\":null,\"tier\":null,\"compose_project\":null,\"url\":null}");
        assertThat(json.at("/release").isNull()).isTrue();
        assertThat(json.at("/links/report").isNull()).isTrue();
        assertThat(files.page())
                .contains("<title>Job 7: Nothing changed</title>", "<h1>Failed, nothing was changed: it expired</h1>")
                .doesNotContain(">Hosts<", ">Images<", "Optional");
        assertThat(files.dotenv()).isEqualTo("GITOPS_OUTCOME=nothing_changed\n");
    }

    @Test
    void dotenvHasOneDigestOrOneForEachService() {
        assertThat(files(Samples.deployed(1)).dotenv()).isEqualTo("""
                GITOPS_OUTCOME=deployed
                GITOPS_ENVIRONMENT=production
                GITOPS_RELEASE=20260131-120009-9-4c300d29
                GITOPS_VERSION=1.42.0
                GITOPS_DIGEST_APP=sha256:%1$s
                GITOPS_DIGEST_WORKER=sha256:%1$s
                GITOPS_URL=https://shop.example.com/
                """.formatted("a".repeat(64)));
        assertThat(files(Samples.withServices("web-app")).dotenv())
                .contains("GITOPS_DIGEST=sha256:" + "a".repeat(64) + "\n")
                .doesNotContain("GITOPS_DIGEST_");
    }

    /** As GitLab has them: 5 KiB, no empty line, no key but of ASCII letters, digits and underscores. */
    @Test
    void dotenvKeepsGitLabsRulesHoweverManyServicesThereAre() {
        String[] services = new String[40];
        for (int number = 0; number < services.length; number++) {
            services[number] = "service-" + number + ".x" + "y".repeat(30);
        }
        String dotenv = files(Samples.withServices(services)).dotenv();

        assertThat(dotenv.getBytes(UTF_8)).hasSizeLessThan(5 * 1024);
        assertThat(dotenv.lines()).hasSize(15).allMatch(line -> line.matches("[A-Z][A-Z0-9_]*=\\S.*"));
        assertThat(dotenv).endsWith("\n").contains("GITOPS_DIGEST_SERVICE_0_X");
    }

    @Test
    void twoHundredHostsFitWhole() throws Exception {
        ReportFiles files = files(Samples.deployed(200));

        assertThat(size(files)).isLessThan(MIB);
        JsonNode json = json(files);
        assertThat(json.at("/hosts")).hasSize(200);
        assertThat(json.at("/checks")).hasSize(801);
        assertThat(json.at("/left_out").toString())
                .isEqualTo("{\"hosts\":0,\"phases\":0,\"checks\":0,\"explanations\":0}");
        assertThat(files.page()).contains(">web-200<", "601 checks that passed</summary>");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"", "😀", "&", "\n"})
    void noTextMakesItLargerThanAllowed(String character) throws Exception {
        String text = character.repeat(10_000);
        List<CheckJournal.Entry> checks = new ArrayList<>();
        for (int number = 0; number < 5_000; number++) {
            checks.add(new CheckJournal.Entry(
                    text, Samples.at(9), new Failed(text, text, text, text, 1, Duration.ofMillis(5))));
        }

        ReportFiles files = files(Samples.withChecks(Samples.hostile(text), checks));

        assertThat(size(files)).isLessThan(MIB);
        assertThat(json(files).at("/left_out/checks").asInt()).isGreaterThanOrEqualTo(3_500);
        assertThat(files.page()).contains(" more checks are left out.");
    }

    @Test
    void toldEventIsWhatBecameOfTheHosts() {
        assertThat(Samples.deployed(1).event()).hasToString("SUCCEEDED");
        assertThat(Samples.rolledBack(1).event()).hasToString("ROLLED_BACK");
        assertThat(Samples.refused(REFUSED).event()).hasToString("FAILED");
        Failure denied = new Failure(FailureCode.POLICY_DENIED, "deploy", "production", "a freeze", "Wait.");
        assertThat(Samples.refused(denied).event()).hasToString("DENIED");
        assertThat(Samples.refused(denied).sentence()).isEqualTo("Denied, nothing was changed: a freeze");
        assertThat(Outcome.of(Failure.internal("a", "b", new IllegalStateException()), Kind.DEPLOY)
                        .word())
                .isEqualTo("unknown");
    }

    private static ReportFiles files(DeployReport report) {
        return ReportFiles.of(report, UnaryOperator.identity());
    }

    private static JsonNode json(ReportFiles files) throws Exception {
        return new ObjectMapper().readTree(files.json());
    }

    private static int size(ReportFiles files) {
        return (files.page() + files.json() + files.dotenv()).getBytes(UTF_8).length;
    }

    private static List<String> tags(String page) {
        return Pattern.compile("</?[a-z][a-z0-9]*")
                .matcher(page)
                .results()
                .map(found -> found.group())
                .toList();
    }
}
