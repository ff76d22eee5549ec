package dev.gitopsexecutor.benchmark;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What was measured, and the table of it. */
final class Measurements {
    private final Map<Row, List<Long>> values = new LinkedHashMap<>();

    private record Row(String what, String unit) {}

    void addTime(String what, Duration took) {
        add(new Row(what, "ms"), took.toMillis());
    }

    void addMemory(String what, long kibibytes) {
        add(new Row(what, "MiB"), kibibytes / 1024);
    }

    void addSpeed(String what, long megabytesPerSecond) {
        add(new Row(what, "MB/s"), megabytesPerSecond);
    }

    private void add(Row row, long value) {
        values.computeIfAbsent(row, _ -> new ArrayList<>()).add(value);
    }

    /** A Markdown table: median, least and most of each, in the order in which they were first measured. */
    String table() {
        StringBuilder table =
                new StringBuilder("| what | unit | runs | median | min | max |\n|---|---|---|---|---|---|\n");
        values.forEach((row, measured) -> {
            List<Long> sorted = measured.stream().sorted().toList();
            table.append(String.format(
                    Locale.ROOT,
                    "| %s | %s | %d | %d | %d | %d |%n",
                    row.what(),
                    row.unit(),
                    sorted.size(),
                    sorted.get(sorted.size() / 2),
                    sorted.getFirst(),
                    sorted.getLast()));
        });
        return table.toString();
    }
}
