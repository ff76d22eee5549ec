package dev.gitopsexecutor.deploy;

import com.github.difflib.DiffUtils;
import com.github.difflib.UnifiedDiffUtils;
import java.util.List;
import java.util.stream.Stream;

/** What differs between two texts, as people read it. */
final class LineDiff {
    private static final int CONTEXT = 2;
    /** Of two hunks that could be of any length, that is as much as anybody reads. */
    private static final int MOST_LINES = 40;
    /** The time to compare grows with the product of lines and differences. */
    private static final int MOST_COMPARED = 4000;

    private LineDiff() {}

    /** A unified diff without its head, cut after 40 lines; empty when the texts have the same lines. */
    static List<String> of(String before, String after) {
        List<String> old = before.lines().toList();
        List<String> wanted = after.lines().toList();
        if (old.equals(wanted)) {
            return List.of();
        }
        if (old.size() > MOST_COMPARED || wanted.size() > MOST_COMPARED) {
            return List.of(
                    "changed; %d lines in place of %d are too many to compare".formatted(wanted.size(), old.size()));
        }
        List<String> diff = UnifiedDiffUtils.generateUnifiedDiff("", "", old, DiffUtils.diff(old, wanted), CONTEXT);
        List<String> hunks = diff.subList(2, diff.size());
        if (hunks.size() <= MOST_LINES) {
            return hunks;
        }
        return Stream.concat(
                        hunks.stream().limit(MOST_LINES),
                        Stream.of("… %d more lines".formatted(hunks.size() - MOST_LINES)))
                .toList();
    }
}
