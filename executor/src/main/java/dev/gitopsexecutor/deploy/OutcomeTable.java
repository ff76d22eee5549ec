package dev.gitopsexecutor.deploy;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The closing table of a deploy: for each host what was wanted of it and what runs there now. */
public final class OutcomeTable {
    private static final List<String> HEAD = List.of("HOST", "VERSION", "DIGEST", "NOW", "CHECKS", "SECONDS");

    private OutcomeTable() {}

    /** Lines of equal columns, the first of them the head. */
    public static List<String> render(DeployOutcome outcome) {
        List<List<String>> rows = Stream.concat(
                        Stream.of(HEAD), outcome.hosts().stream().map(host -> row(host, outcome.wanted())))
                .toList();
        int[] widths = IntStream.range(0, HEAD.size())
                .map(column -> rows.stream()
                        .mapToInt(row -> row.get(column).length())
                        .max()
                        .orElse(0))
                .toArray();
        return rows.stream().map(row -> line(row, widths)).toList();
    }

    private static List<String> row(HostOutcome host, RunningVersion wanted) {
        return List.of(
                host.host().value(),
                host.before().map(RunningVersion::tags).orElse("-") + " -> " + wanted.tags(),
                host.before().map(RunningVersion::digests).orElse("-") + " -> " + wanted.digests(),
                host.after().map(RunningVersion::tags).orElse("-"),
                host.checks(),
                seconds(host.took()));
    }

    private static String seconds(Duration took) {
        return String.format(Locale.ROOT, "%.1f", took.toMillis() / 1000.0);
    }

    private static String line(List<String> row, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < widths.length; column++) {
            line.append(row.get(column))
                    .append(" ".repeat(widths[column] - row.get(column).length() + 2));
        }
        return line.toString().stripTrailing();
    }
}
