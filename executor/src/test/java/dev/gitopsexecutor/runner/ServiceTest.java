package dev.gitopsexecutor.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServiceTest {

    /** The names after the author's own are those of the runner's documentation. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "postgres:16 | '' | postgres",
                "postgres:16 | db | db postgres",
                "postgres | 'db, pg  sql' | db pg sql postgres",
                "tutum/wordpress:latest | '' | tutum__wordpress tutum-wordpress",
                "reg.example.com:5000/a/b:1@sha256:0 | '' | ''",
                "reg.example.com/a/b:1@sha256:0 | '' | reg.example.com__a__b reg.example.com-a-b",
                "redis:7 | 'a:127.0.0.1 -x x- ../y' | redis",
                "host:5000/a | '' | ''",
                "p | 'a b c d e f g h i j k l' | a b c d e f g h i j"
            })
    void isFoundByItsNames(String image, String alias, String names) {
        Service service = Service.of(new JsonObject("", Map.of("name", image, "alias", alias)));

        assertThat(String.join(" ", service.aliases())).isEqualTo(names);
        assertThat(service.image()).isEqualTo(image);
    }

    @Test
    void hasWhatItsAuthorGivesIt() {
        Service service = Service.of(new JsonObject(
                "",
                Map.of(
                        "name", "postgres:16",
                        "entrypoint", List.of("a", ""),
                        "command", List.of("-c", "x y"),
                        "variables",
                                List.of(
                                        Map.of("key", "POSTGRES_PASSWORD", "value", "a=b\n"),
                                        Map.of("key", "NONE"),
                                        Map.of("value", "no key"),
                                        Map.of("key", "a=b", "value", "c")))));

        assertThat(service.entrypoint()).containsExactly("a", "");
        assertThat(service.command()).containsExactly("-c", "x y");
        assertThat(service.variables()).containsOnly(Map.entry("POSTGRES_PASSWORD", "a=b\n"), Map.entry("NONE", ""));
    }

    @Test
    @Timeout(5)
    void readsTheStrangestNameInNoTime() {
        Service service = Service.of(
                new JsonObject("", Map.of("name", ":".repeat(2_000_000) + "/\n", "alias", " ,".repeat(100_000))));

        assertThat(service.aliases()).isEmpty();
        assertThat(service.length()).isZero();
    }

    @Test
    void refusesACommandThatIsNoListOfTexts() {
        for (Object command : Arrays.asList("sh", List.of(1), Map.of())) {
            assertThatThrownBy(() -> Service.of(new JsonObject("", Map.of("name", "x", "command", command))))
                    .hasMessage(".command is not a list of texts");
        }
    }
}
