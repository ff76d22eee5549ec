package dev.gitopsexecutor.checks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.model.CommitSha;
import dev.gitopsexecutor.secrets.Masker;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VersionPointerTest {
    private static final CommitSha COMMIT = new CommitSha("1a2b3c4d".repeat(5));

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"version":"v7"} | /version
            {"app":{"build":["x","v7"]}} | /app/build/1
            {"version":"1a2b3c4"} | /version
            {"version":"1a2b3c4d1a2b3c4d1a2b3c4d1a2b3c4d1a2b3c4d"} | /version
            "v7" | ``
            """)
    void acceptsTagAndAbbreviatedCommit(String body, String pointer) {
        assertThat(new VersionPointer(pointer, "v7", COMMIT).mismatch(body, UnaryOperator.identity()))
                .isEmpty();
    }

    @Test
    void namesTheVersionThatAnswered() {
        assertThat(mismatch("{\"version\":\"v6\"}")).contains("the answer says \"v6\"");
    }

    @Test
    void refusesCommitOfLessThanSevenDigits() {
        assertThat(mismatch("{\"version\":\"1a2b3c\"}")).contains("the answer says \"1a2b3c\"");
    }

    @Test
    void refusesEmptyVersion() {
        assertThat(mismatch("{\"version\":\"\"}")).contains("the answer says \"\"");
    }

    @Test
    void tellsMissingFieldFromAnswerThatIsNotJson() {
        assertThat(mismatch("{\"status\":\"ok\"}"))
                .contains("the answer has nothing at /version: \"{\"status\":\"ok\"}\"");
        assertThat(mismatch("<html>\u001b[31m")).contains("the answer is not JSON: \"<html>\"");
        assertThat(mismatch("")).contains("the answer has nothing at /version: \"\"");
    }

    @Test
    void refusesObjectWhereVersionShouldBe() {
        assertThat(mismatch("{\"version\":{}}")).contains("/version of the answer is no text but an object or a list");
    }

    @Test
    void cutsLongAnswers() {
        assertThat(mismatch("x".repeat(5000)).orElseThrow()).hasSizeLessThan(200);
    }

    @Test
    void showsNoSecretThatJsonSpelledInItsOwnWay() {
        Masker masker = new Masker();
        masker.add("db-password-1");

        assertThat(version().mismatch("{\"version\":\"db\\u002dpassword\\u002d1\"}", masker::mask))
                .contains("the answer says \"[MASKED]\"");
    }

    private static Optional<String> mismatch(String body) {
        return version().mismatch(body, UnaryOperator.identity());
    }

    private static VersionPointer version() {
        return new VersionPointer("/version", "v7", COMMIT);
    }
}
