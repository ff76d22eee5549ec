package dev.gitopsexecutor.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.failure.ExecutorException;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever stands in a file, its reader says where the trouble is, in plain lines. */
class HostileFilesTest {
    private static final List<String> NONSENSE = List.of(
            "\t",
            "\u0000",
            "\r",
            "\n",
            "\uFEFF",
            " ",
            ":",
            "- ",
            "? ",
            "#",
            "'",
            "\"",
            "|",
            ">",
            "%",
            "@",
            "&a ",
            "*a",
            "!x ",
            "[",
            "]",
            "{",
            "}",
            "~",
            "\u0430",
            "\u202e",
            "\ud83d\ude00",
            "1_000",
            "0x1",
            "1e400",
            "yes",
            "99999999999999999999");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = true,
            value = {
                "'\tversion: 1' | :1:1: not YAML: found character",
                "'a: 1\nb: \u001b[31m' | :2:4: the character U+001B is not read; remove it",
                "'version: \"\\0\"' | :1:10: version: wanted a whole number, saw text",
                "'version: 1_0' | :1:10: version: wanted a whole number, saw text",
                "'version: 0x1' | :1:10: version: wanted a whole number, saw text",
                "'version: 01' | :1:10: version: wanted a whole number, saw text",
                "'version: yes' | :1:10: version: wanted a whole number, saw text",
                "'version: true' | :1:10: version: wanted a whole number, saw true or false",
                "'version:' | :1:9: version: wanted a whole number, saw nothing",
                "'version: 1.0' | :1:10: version: wanted a whole number, saw a number",
                "'version: 99999999999999999999' | :1:10: version: \"99999999999999999999\": write 1",
                "'version: 1\r\nversion: 1' | :2:1: version: the key stands here twice; keep one",
                "'Version: 1' | :1:1: Version: unknown key; did you mean \"version\"?",
                "'v\u0435rsion: 1' | :1:1: v\u0435rsion: unknown key with the letter U+0435; did you mean \"version\"?",
                "'<<: {version: 1}' | :1:1: <<: unknown key; known here: ",
                "'a: &x [1]\nb: [*x, *x]' | :2:5: aliases (*name) are not read; write the value again",
                "'a: *' | :1:5: not YAML: unexpected character found",
                "'%YAML 9.9\n---\nversion: 1' | : %YAML names a version that is not read; remove the line",
            })
    void saysWhereAndWhat(String yaml, String problem) {
        String text = yaml.replace("\\n", "\n");

        assertThat(problems(Example.EXECUTOR, text + "\n"))
                .anySatisfy(line -> assertThat(line).startsWith("executor.yaml" + problem));
    }

    @Test
    void saysWhereANulIs() {
        assertThat(problems(Example.POLICY, "version: 1\nenvi\u0000ronments: {}\n"))
                .containsExactly("policy.yaml:2:5: the character U+0000 is not read; remove it");
    }

    @ParameterizedTest
    @EnumSource
    void staysPlainWhateverStandsInTheFile(Example example) {
        Random random = new Random(42);
        String text = example.textWithOptionalKeys();
        String problem = example.name().toLowerCase(Locale.ROOT) + "\\.yaml(:[0-9]+:[0-9]+)?: .+";
        for (int i = 0; i < 3000; i++) {
            StringBuilder damaged = new StringBuilder(text);
            for (int changes = random.nextInt(3); changes >= 0; changes--) {
                int at = random.nextInt(damaged.length());
                int end = Math.min(damaged.length(), at + random.nextInt(4));
                damaged.replace(at, end, NONSENSE.get(random.nextInt(NONSENSE.size())));
            }
            assertThat(problems(example, damaged.toString()))
                    .as(() -> damaged.toString())
                    .allSatisfy(line -> assertThat(line).matches(problem).doesNotContainPattern("\\p{Cntrl}"));
        }
    }

    /** One a line, without the title; none when the file is accepted. */
    private static List<String> problems(Example example, String yaml) {
        try {
            assertThat(example.read(yaml)).isNotNull();
            return List.of();
        } catch (ExecutorException refused) {
            return refused.failure().saw().lines().skip(1).toList();
        }
    }
}
