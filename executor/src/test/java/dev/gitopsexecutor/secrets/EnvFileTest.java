package dev.gitopsexecutor.secrets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.model.EnvKey;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EnvFileTest {

    @Test
    void writesOneQuotedVariablePerLineInOrder() {
        SortedMap<EnvKey, SecretValue> values = new TreeMap<>();
        values.put(new EnvKey("B"), SecretValue.of("two"));
        values.put(new EnvKey("A"), SecretValue.of(""));

        SecretValue file = EnvFile.render(values);

        assertThat(file.reveal()).isEqualTo("A=\"\"\nB=\"two\"\n");
        assertThat(file).hasToString("[redacted]");
    }

    @Test
    void escapesWhatTheParserWouldRead() {
        assertThat(rendered("a\\b \"q\" $HOME ${X} # 'no'\r\nend"))
                .isEqualTo("KEY=\"a\\\\b \\\"q\\\" \\$HOME \\${X} # 'no'\\r\\nend\"\n");
    }

    @ParameterizedTest
    @CsvSource({
        "0000, 'the value contains a NUL character, which no environment variable can hold'",
        "d800, 'the value is not valid Unicode text'",
    })
    void refusesWhatNoEnvFileCanHold(String character, String reason) {
        String value = "before" + (char) Integer.parseInt(character, 16) + "after";

        assertThatThrownBy(() -> rendered(value)).isInstanceOfSatisfying(ExecutorException.class, refused -> {
            assertThat(refused.failure().block()).isEqualTo("""
                    Cannot write the env file. [SECRET_REFUSED]
                      on:   1 variables
                      saw:  KEY: %s
                      next: Store the value in another form, for example as Base64, and decode it in the application.
                    """.formatted(reason));
        });
    }

    @Test
    void refusesAVariableThatLinuxCannotPass() {
        assertThat(rendered("x".repeat(131_067))).hasSize(131_067 + "KEY=\"\"\n".length());

        assertThatThrownBy(() -> rendered("x".repeat(131_068)))
                .hasMessage("Cannot write the env file: KEY: the variable has 131072 bytes, and Linux passes at most"
                        + " 131071 [SECRET_REFUSED]");
    }

    private static String rendered(String value) {
        return EnvFile.render(new TreeMap<>(Map.of(new EnvKey("KEY"), SecretValue.of(value))))
                .reveal();
    }

    @Test
    void isReadBackAsItWasWritten() {
        SortedMap<EnvKey, SecretValue> values = new TreeMap<>();
        List<String> texts =
                List.of("", "plain", " a \"b\" 'c' $d ${e} #f \\ \\n \n\r\t=ü\u2028", "x".repeat(65536), "\\", "\"");
        for (int i = 0; i < texts.size(); i++) {
            values.put(new EnvKey("KEY_" + i), SecretValue.of(texts.get(i)));
        }

        assertThat(EnvFile.parse(EnvFile.render(values))).isEqualTo(values);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "KEY=value",
                "KEY=\"",
                "KEY=\"a\"b\"",
                "KEY=\"$x\"",
                "KEY=\"a\\\"",
                "KEY=\"\\x\"",
                "9=\"a\"",
                "#",
                "KEY=\"a\"\nKEY=\"b\""
            })
    void isNotReadBackWhenSomebodyElseWroteIt(String text) {
        assertThatThrownBy(() -> EnvFile.parse(SecretValue.of(text))).isInstanceOf(IllegalArgumentException.class);
    }
}
