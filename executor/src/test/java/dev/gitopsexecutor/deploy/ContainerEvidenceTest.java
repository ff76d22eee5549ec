package dev.gitopsexecutor.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContainerEvidenceTest {
    private static final String NOW = "now 2026-01-01T00:01:00.5Z\n";
    private static final String STATE = """
            container {"state":{"Status":"exited","Running":false,"ExitCode":3,"Error":"","StartedAt":"2026-01-01T00:00:48Z",\
            "FinishedAt":"2026-01-01T00:00:49.3Z"},"driver":"json-file"}
            """;

    @Test
    void tellsALifeAndTheEndOfTheLog() {
        assertThat(lines(STATE + NOW + "starting\n\ncannot start: no database\nread\n"))
                .containsExactly(
                        "started 13 s ago, ended 11 s ago",
                        "its last 2 log lines:",
                        "| starting",
                        "| cannot start: no database");
    }

    @Test
    void tellsTheLastProbesOfItsOwnHealthCheck() {
        String probes = IntStream.rangeClosed(1, 7)
                .mapToObj(number -> """
                        {"Start":"2026-01-01T01:00:5%d+01:00","End":"2026-01-01T01:00:5%d+01:00","ExitCode":1,"Output":"%s"}""".formatted(number, number, number == 7 ? "" : "refused " + number + "\\n"))
                .collect(Collectors.joining(","));
        assertThat(lines("""
                container {"state":{"Running":true,"StartedAt":"2026-01-01T00:00:30Z","FinishedAt":"0001-01-01T00:00:00Z",\
                "Health":{"Status":"unhealthy","FailingStreak":7,"Log":[%s]}},"driver":"json-file"}
                """.formatted(probes) + NOW + "\nread\n"))
                .containsExactly(
                        "started 31 s ago",
                        "its health check says unhealthy, failed 7 times in a row:",
                        "  exit code 1, 8 s ago: refused 3",
                        "  exit code 1, 7 s ago: refused 4",
                        "  exit code 1, 6 s ago: refused 5",
                        "  exit code 1, 5 s ago: refused 6",
                        "  exit code 1, 4 s ago: no output",
                        "it logged nothing");
    }

    @Test
    void tellsWhyTheEngineCouldNotStartIt() {
        assertThat(lines("""
                container {"state":{"Running":false,"Error":"exec: \\"shop\\": executable file not found in $PATH",\
                "StartedAt":"0001-01-01T00:00:00Z","FinishedAt":"0001-01-01T00:00:00Z"},"driver":"json-file"}
                """ + NOW + "\nread\n"))
                .containsExactly(
                        "it was never started",
                        "the engine says: exec: \"shop\": executable file not found in $PATH",
                        "it logged nothing");
    }

    @Test
    void saysThatALogCannotBeRead() {
        assertThat(
                        lines(
                                STATE.replace("json-file", "none") + NOW
                                        + "Error response from daemon: configured logging driver does not support reading\n\nunreadable\n"))
                .containsExactly(
                        "started 13 s ago, ended 11 s ago",
                        "its log cannot be read (log driver \"none\"):"
                                + " Error response from daemon: configured logging driver does not support reading");
        assertThat(lines("container {}\n" + NOW + "Error response from daemon: No such container: 1\n\nunreadable\n"))
                .containsExactly("its log cannot be read: Error response from daemon: No such container: 1");
    }

    @Test
    void masksBeforeItCuts() {
        String secret = "pass-word";
        List<String> lines = lines("""
                container {"state":{"Running":true,"StartedAt":"2026-01-01T00:00:30Z","Error":"%s",\
                "Health":{"Status":"unhealthy","Log":[{"ExitCode":1,"Output":"%s"},{"ExitCode":1,"Output":"first\\n%s"}]}}}
                """.formatted(
                                "x".repeat(195) + secret,
                                "y".repeat(195) + secret,
                                "z".repeat(4095 - "first\n".length()) + "pass-wo")
                + NOW + "w".repeat(495) + secret + "\n\nread\n");
        assertThat(lines).contains("  exit code 1: first");
        assertThat(String.join("\n", lines)).contains("[MAS").doesNotContain("pass-");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\n\n\n",
                "container",
                "container null\nnow\n\nread\n",
                "container [1]\nnow x\nread",
                "container {\"state\":7}\nnow 2026-01-01T00:01:00Z\n\nread\n",
                "container {\"state\":{\"Health\":{\"Log\":[1,null,{}]},\"StartedAt\":\"+999999999-01-01T00:00:00Z\"}}\nnow 2026-01-01T00:01:00Z\n\nread\n",
            })
    void survivesWhateverAHostSays(String output) {
        assertThat(lines(output)).isNotEmpty().allMatch(line -> line.length() < 600);
    }

    @Test
    void showsNoEscapesAndOpensNoSection() {
        assertThat(lines("""
                container {"state":{"Running":true,"StartedAt":"2026-01-01T00:00:30Z","Error":"a\\u001b[2J\\nb"},"driver":"x"}
                """ + NOW + "section_start:1:evil\r\u001b[0Kfree\n\u001b[31mred\n\nread\n"))
                .containsExactly(
                        "started 31 s ago",
                        "the engine says: a; b",
                        "its last 3 log lines:",
                        "| section_start:1:evil",
                        "| free",
                        "| red");
    }

    private static List<String> lines(String output) {
        return ContainerEvidence.parse(output, text -> text.replace("pass-word", "[MASKED]"))
                .lines();
    }
}
