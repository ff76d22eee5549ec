package dev.gitopsexecutor.config;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gitopsexecutor.failure.ExecutorException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class YamlTest {

    @Test
    void printsEveryProblemInTheOrderOfTheFile() {
        assertThat(refusal("""
                version: 2
                gitlab:
                  url: http://gitlab.example.com
                  audience: a
                  audience: b
                docker: {helper_image: x, sockt: y}
                vault: [1]
                """)).isEqualTo("""
                Cannot use the configuration. [CONFIG_INVALID]
                  on:   executor.yaml
                  saw:  5 problems:
                        executor.yaml:1:10: version: "2": write 1
                        executor.yaml:3:8: gitlab.url: "http://gitlab.example.com": write an https:// URL, or http:// on a loopback address
                        executor.yaml:5:3: gitlab.audience: the key stands here twice; keep one
                        executor.yaml:6:27: docker.sockt: unknown key; did you mean "socket"?
                        executor.yaml:7:8: vault: wanted a map of keys, saw a list
                  next: Correct the file; `gitops-executor check` reads it again.
                """);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | executor.yaml: the file is empty",
                "'# only a comment' | executor.yaml: the file is empty",
                "'- a' | executor.yaml:1:1: the file must be a map of keys, as in the example",
                "'text' | executor.yaml:1:1: the file must be a map of keys, as in the example",
                "'a: &x 1' | executor.yaml:1:4: anchors are not read; remove &x and write values out",
                "'a: *x' | executor.yaml:1:4: aliases (*name) are not read; write the value again",
                "'a: !!java.net.URL [x]' | executor.yaml:1:4: tags (!name) are not read; remove it",
                "'a: !secret x' | executor.yaml:1:4: tags (!name) are not read; remove it",
                "'a: [1' | executor.yaml:1:6: not YAML: ",
                "'a: \"b' | executor.yaml:1:6: not YAML: ",
                "'? [a, b]\\n: c' | executor.yaml:1:3: a key must be plain text",
            })
    void refusesWhatIsNotPlainYaml(String yaml, String problem) {
        assertThat(refusal(yaml.replace("\\n", "\n"))).contains(problem);
    }

    @Test
    void refusesTwoDocuments() {
        assertThat(refusal("a: 1\n---\nb: 2\n")).contains("not YAML: ");
    }

    @Test
    void refusesWhatIsNotUtf8() {
        assertThatThrownBy(() -> ExecutorConfig.parse("a: é".getBytes(ISO_8859_1), "executor.yaml"))
                .hasMessageContaining("executor.yaml:1:4: the file is not UTF-8 text from here on");
    }

    @Test
    void refusesMoreThanAMebibyte() {
        assertThat(refusal("#".repeat(1 << 20) + "\n"))
                .contains("executor.yaml: the file has 1048577 bytes; at most 1 MiB is read");
    }

    @Test
    void refusesDeepNestingWithoutDescending() {
        assertThat(refusal("a: " + "[".repeat(500_000))).contains("executor.yaml:1:23: nested more than 20 deep");
        assertThat(refusal("a: " + "{b: ".repeat(200_000))).contains("nested more than 20 deep");
    }

    @Test
    void shortensALongListOfProblems() {
        StringBuilder yaml = new StringBuilder();
        for (int i = 0; i < 200; i++) {
            yaml.append("nonsense_").append(i).append(": 1\n");
        }

        assertThat(refusal(yaml.toString()))
                .contains("204 problems, the first 50 of them:")
                .hasLineCount(54);
    }

    private static String refusal(String yaml) {
        try {
            return "accepted " + ExecutorConfig.parse(yaml.getBytes(UTF_8), "executor.yaml");
        } catch (ExecutorException refused) {
            return refused.failure().block();
        }
    }
}
