package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.checks.CheckResult;
import dev.gitopsexecutor.checks.CheckResult.Failed;
import dev.gitopsexecutor.checks.CheckResult.Passed;
import dev.gitopsexecutor.checks.CheckResult.Warned;
import dev.gitopsexecutor.io.DurationText;
import dev.gitopsexecutor.io.PlainText;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Check results as lines of a job log. */
final class CheckLines {
    /** Before the name of a smoke check. */
    private static final String SMOKE = "smoke ";

    private CheckLines() {}

    static List<String> of(List<CheckResult> results) {
        return results.stream().flatMap(CheckLines::lines).toList();
    }

    /** For the closing table: {@code health version smoke(3) digest}, or what failed. */
    static String summary(List<CheckResult> results) {
        SequencedMap<String, Integer> words = new LinkedHashMap<>();
        results.forEach(result -> words.merge(word(result), 1, Integer::sum));
        return words.entrySet().stream()
                .map(word -> word.getValue() == 1 && !word.getKey().equals(SMOKE.strip())
                        ? word.getKey()
                        : "%s(%d)".formatted(word.getKey(), word.getValue()))
                .collect(Collectors.joining(" "));
    }

    private static String word(CheckResult result) {
        return switch (result) {
            case Passed passed -> passed.check().startsWith(SMOKE) ? SMOKE.strip() : passed.check();
            case Warned warned -> warned.check() + " warned";
            case Failed failed -> failed.check() + " failed";
        };
    }

    private static Stream<String> lines(CheckResult result) {
        return switch (result) {
            case Passed passed ->
                Stream.of(PlainText.line(
                        "%s ok: %s (%s)".formatted(passed.check(), passed.saw(), DurationText.fine(passed.took()))));
            case Warned warned ->
                ("warning: " + warned.failed().describe()).lines().map(PlainText::line);
            case Failed failed -> failed.describe().lines().map(PlainText::line);
        };
    }
}
