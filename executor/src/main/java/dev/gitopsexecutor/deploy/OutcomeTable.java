package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.io.TextTable;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** The closing table of a deploy: for each host what was wanted of it and what runs there now. */
public final class OutcomeTable {
    private static final List<String> HEAD = List.of("HOST", "VERSION", "DIGEST", "NOW", "CHECKS", "SECONDS");

    private OutcomeTable() {}

    /** Lines of equal columns, the first of them the head. */
    public static List<String> render(DeployOutcome outcome) {
        return TextTable.lines(
                HEAD,
                outcome.hosts().stream()
                        .map(host -> row(host, outcome.wanted()))
                        .toList());
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
}
