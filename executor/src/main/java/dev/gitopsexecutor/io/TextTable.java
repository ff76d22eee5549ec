package dev.gitopsexecutor.io;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Lines of equal columns for people who read them in a terminal or a job log. */
public final class TextTable {
    private TextTable() {}

    /** The head first; each row has as many cells as it. */
    public static List<String> lines(List<String> head, List<List<String>> rows) {
        List<List<String>> all = Stream.concat(Stream.of(head), rows.stream()).toList();
        int[] widths = widths(all);
        return all.stream().map(row -> line(row, widths)).toList();
    }

    /**
     * As the other, no wider than {@code most} columns where that can be had: the widest cells go on in lines below, torn at
     * blanks alone.
     */
    public static List<String> folded(List<String> head, List<List<String>> rows, int most) {
        List<List<String>> all = Stream.concat(Stream.of(head), rows.stream()).toList();
        int[] widths = widths(all);
        int[] least = widths(all.stream()
                .map(row -> row.stream().map(TextTable::longestWord).toList())
                .toList());
        boolean smaller = true;
        while (smaller && width(widths) > most) {
            smaller = shrink(widths, least);
        }
        return all.stream().flatMap(row -> fold(row, widths)).toList();
    }

    private static int width(int[] widths) {
        return IntStream.of(widths).sum() + 2 * (widths.length - 1);
    }

    /** Takes one from the widest column that may be less wide; false when there is none. */
    private static boolean shrink(int[] widths, int[] least) {
        int widest = -1;
        for (int column = 0; column < widths.length; column++) {
            if (widths[column] > least[column] && (widest < 0 || widths[column] > widths[widest])) {
                widest = column;
            }
        }
        if (widest < 0) {
            return false;
        }
        widths[widest]--;
        return true;
    }

    private static String longestWord(String cell) {
        return Stream.of(cell.split(" ", -1))
                .max(Comparator.comparingInt(String::length))
                .orElse("");
    }

    private static Stream<String> fold(List<String> row, int[] widths) {
        List<List<String>> cells = IntStream.range(0, widths.length)
                .mapToObj(column -> wrap(row.get(column), widths[column]))
                .toList();
        int lines = cells.stream().mapToInt(List::size).max().orElse(0);
        return IntStream.range(0, lines)
                .mapToObj(number -> line(
                        cells.stream()
                                .map(cell -> number < cell.size() ? cell.get(number) : "")
                                .toList(),
                        widths));
    }

    private static List<String> wrap(String cell, int width) {
        List<String> lines = new ArrayList<>();
        String line = "";
        for (String word : cell.split(" ", -1)) {
            if (line.isEmpty()) {
                line = word;
            } else if (line.length() + 1 + word.length() <= width) {
                line += " " + word;
            } else {
                lines.add(line);
                line = word;
            }
        }
        lines.add(line);
        return lines;
    }

    private static int[] widths(List<List<String>> all) {
        return IntStream.range(0, all.getFirst().size())
                .map(column -> all.stream()
                        .mapToInt(row -> row.get(column).length())
                        .max()
                        .orElse(0))
                .toArray();
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
