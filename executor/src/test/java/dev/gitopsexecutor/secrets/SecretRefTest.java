package dev.gitopsexecutor.secrets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretRefTest {

    @ParameterizedTest
    @ValueSource(strings = {"shop/staging#database_password", "a#b", "Team-1/app.v2/x_y#tls.key", "1/2/3#4"})
    void keepsWhatItParses(String text) {
        assertThat(SecretRef.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "#",
                "a",
                "a#",
                "#b",
                "/a#b",
                "a/#b",
                "a//b#c",
                "a/../b#c",
                "../a#b",
                "a/..#b",
                "./a#b",
                "a/.b#c",
                "a/b.#c",
                "a..b#c",
                "a%2e%2e/b#c",
                "a b#c",
                "a\\b#c",
                "a?version=1#b",
                "a#b#c",
                "a#b/c",
                "a#.b",
                "é#b",
                "a\u2215b#c",
                "a\0b#c",
                "a\nb#c",
                "a#b\n",
                "-a#b",
                "a/-b#c"
            })
    void refusesWhatCouldReachAnotherPath(String text) {
        assertThatThrownBy(() -> SecretRef.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {257, 5_000, 1_000_000})
    void refusesLongPathsAtOnce(int length) {
        assertThatThrownBy(() -> SecretRef.parse("a/".repeat(length / 2) + "a#b"))
                .hasMessage("the path is not names of letters, digits, _, - and single dots, separated by /, at most"
                        + " 256 characters");
    }
}
