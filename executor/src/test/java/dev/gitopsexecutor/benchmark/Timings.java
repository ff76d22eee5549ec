package dev.gitopsexecutor.benchmark;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What was measured, and the table of it. */
final class Timings {
    private final Map<String, List<Long>> milliseconds = new LinkedHashMap<>();

    void add(String what, Duration took) {
        milliseconds.computeIfAbsent(what, _ -> new ArrayList<>()).add(took.toMillis());
    }

    /** A Markdown table: median, best and worst of each, in the order in which they were first measured. */
    String table() {
        StringBuilder table = new StringBuilder("| what | runs | median ms | min | max |\n|---|---|---|---|---|\n");
        milliseconds.forEach((what, runs) -> {
            List<Long> sorted = runs.stream().sorted().toList();
            table.append(String.format(
                    Locale.ROOT,
                    "| %s | %d | %d | %d | %d |%n",
                    what,
                    sorted.size(),
                    sorted.get(sorted.size() / 2),
                    sorted.getFirst(),
                    sorted.getLast()));
        });
        return table.toString();
    }
}
