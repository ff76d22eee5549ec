package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.checks.CheckResult;
import dev.gitopsexecutor.checks.CheckResult.Failed;
import dev.gitopsexecutor.checks.CheckResult.Passed;
import dev.gitopsexecutor.checks.CheckResult.Warned;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Check results as lines of a job log. */
final class CheckLines {
    private CheckLines() {}

    static List<String> of(List<CheckResult> results) {
        return results.stream().flatMap(CheckLines::lines).toList();
    }

    /** For the closing table: {@code health version digest}, or what failed. */
    static String summary(List<CheckResult> results) {
        return results.stream()
                .map(result -> switch (result) {
                    case Passed passed -> passed.check();
                    case Warned warned -> warned.check() + " warned";
                    case Failed failed -> failed.check() + " failed";
                })
                .collect(Collectors.joining(" "));
    }

    private static Stream<String> lines(CheckResult result) {
        return switch (result) {
            case Passed passed ->
                Stream.of(String.format(
                        Locale.ROOT,
                        "%s ok: %s (%.1f s)",
                        passed.check(),
                        passed.saw(),
                        passed.took().toMillis() / 1000.0));
            case Warned warned -> ("warning: " + warned.failed().describe()).lines();
            case Failed failed -> failed.describe().lines();
        };
    }
}
