package dev.gitopsexecutor.checks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.checks.VersionPointer.Reading;
import dev.gitopsexecutor.model.CommitSha;
import dev.gitopsexecutor.secrets.Masker;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VersionPointerTest {
    private static final CommitSha COMMIT = new CommitSha("1a2b3c4d".repeat(5));
    private static final Quoting OPEN = new Quoting(UnaryOperator.identity());

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"version":"v7"} | /version
            {"app":{"build":["x","v7"]}} | /app/build/1
            {"version":"1a2b3c4"} | /version
            {"version":"1a2b3c4d1a2b3c4d1a2b3c4d1a2b3c4d1a2b3c4d"} | /version
            "v7" | ``
            """)
    void acceptsTagAndAbbreviatedCommit(String body, String pointer) {
        assertThat(new VersionPointer(pointer, "v7", COMMIT, true).read(json(body), OPEN))
                .isInstanceOf(Reading.Right.class);
    }

    @Test
    void readsNumbersAsTheyAreWritten() {
        assertThat(new VersionPointer("/version", "1.10", COMMIT, true).read(json("{\"version\":1.10}"), OPEN))
                .isEqualTo(new Reading.Right("1.10"));
        assertThat(new VersionPointer("/version", "1.1", COMMIT, true).read(json("{\"version\":1.10}"), OPEN))
                .isEqualTo(new Reading.Wrong("the answer says \"1.10\""));
    }

    @Test
    void namesTheVersionThatAnswered() {
        assertThat(read("{\"version\":\"v6\"}")).isEqualTo(new Reading.Wrong("the answer says \"v6\""));
    }

    @Test
    void refusesCommitOfLessThanSevenDigits() {
        assertThat(read("{\"version\":\"1a2b3c\"}")).isEqualTo(new Reading.Wrong("the answer says \"1a2b3c\""));
    }

    @Test
    void refusesEmptyVersionEvenOfAnImageWithoutTag() {
        assertThat(read("{\"version\":\"\"}")).isEqualTo(new Reading.Wrong("the answer says \"\""));
        assertThat(new VersionPointer("/version", "", COMMIT, true).read(json("{\"version\":\"\"}"), OPEN))
                .isInstanceOf(Reading.Wrong.class);
    }

    @Test
    void tellsMissingFieldFromAnswerThatIsNotJson() {
        assertThat(read("{\"status\" : \"ok\"}"))
                .isEqualTo(new Reading.Missing("the answer has nothing at /version: \"{\"status\":\"ok\"}\""));
        assertThat(read("{\"version\":null}"))
                .isEqualTo(new Reading.Missing("the answer has nothing at /version: \"{\"version\":null}\""));
        assertThat(read("")).isEqualTo(new Reading.Missing("the answer has no body"));
        assertThat(read("{\"version\":\"v7\"} trailing"))
                .isEqualTo(new Reading.Missing("the answer is not JSON (content type application/json):"
                        + " \"{\"version\":\"v7\"} trailing\""));
    }

    @Test
    void namesContentTypeOfWhatIsNotJsonAndTakesJsonUnderAny() {
        assertThat(read("text/plain", "all is well\u001b[31m"))
                .isEqualTo(new Reading.Missing("the answer is not JSON (content type text/plain): \"all is well\""));
        assertThat(read("", "{")).isEqualTo(new Reading.Missing("the answer is not JSON (no content type): \"{\""));
        assertThat(read("text/html; charset=utf-8", "<p>v7</p>"))
                .isEqualTo(new Reading.Missing("the answer is HTML, not JSON: \"<p>v7</p>\""));
        assertThat(read("text/plain", "{\"version\":\"v7\"}")).isInstanceOf(Reading.Right.class);
    }

    @Test
    void doesNotUnpack() {
        Answer packed = new Answer(200, "application/json", "gzip", "", "\u001f\u008b", false);
        assertThat(version().read(packed, OPEN))
                .isEqualTo(new Reading.Missing("the answer is packed (content encoding gzip)"));
    }

    @Test
    void refusesObjectWhereVersionShouldBe() {
        assertThat(read("{\"version\":{}}"))
                .isEqualTo(new Reading.Wrong("/version of the answer is no text but an object or a list"));
    }

    @Test
    void refusesJsonThatNestsTooDeep() {
        assertThat(read("[".repeat(30_000) + "]".repeat(30_000)))
                .isInstanceOfSatisfying(
                        Reading.Missing.class,
                        missing -> assertThat(missing.saw()).startsWith("the answer is not JSON"));
    }

    @Test
    void cutsLongAnswers() {
        assertThat(read("x".repeat(5000)))
                .isInstanceOfSatisfying(
                        Reading.Missing.class,
                        missing -> assertThat(missing.saw()).hasSizeLessThan(200));
    }

    @Test
    void showsNoSecretThatJsonSpelledInItsOwnWay() {
        Masker masker = new Masker();
        masker.add("db-password-1");
        Quoting quoting = new Quoting(masker::mask);

        assertThat(version().read(json("{\"version\":\"db\\u002dpassword\\u002d1\"}"), quoting))
                .isEqualTo(new Reading.Wrong("the answer says \"[MASKED]\""));
        assertThat(version().read(json("{\"key\":\"db\\u002dpassword\\u002d1\"}"), quoting))
                .isEqualTo(new Reading.Missing("the answer has nothing at /version: \"{\"key\":\"[MASKED]\"}\""));
        assertThat(version().read(json("{\"version\":\"db-pass\u200bword-1\"}"), quoting))
                .isEqualTo(new Reading.Wrong("the answer says \"[MASKED]\""));
    }

    private static Reading read(String body) {
        return read("application/json", body);
    }

    private static Reading read(String contentType, String body) {
        return version().read(new Answer(200, contentType, "", "", body, false), OPEN);
    }

    private static Answer json(String body) {
        return new Answer(200, "application/json", "", "", body, false);
    }

    private static VersionPointer version() {
        return new VersionPointer("/version", "v7", COMMIT, true);
    }
}
