package dev.gitopsexecutor.io;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Lines of equal columns for people who read them in a terminal or a job log. */
public final class TextTable {
    private TextTable() {}

    /** The head first; each row has as many cells as it. */
    public static List<String> lines(List<String> head, List<List<String>> rows) {
        List<List<String>> all = Stream.concat(Stream.of(head), rows.stream()).toList();
        int[] widths = IntStream.range(0, head.size())
                .map(column -> all.stream()
                        .mapToInt(row -> row.get(column).length())
                        .max()
                        .orElse(0))
                .toArray();
        return all.stream().map(row -> line(row, widths)).toList();
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
