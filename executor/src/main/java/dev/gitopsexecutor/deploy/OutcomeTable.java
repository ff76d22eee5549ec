package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.io.TextTable;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The closing table of a deploy: for each host what was wanted of it and what runs there now. */
public final class OutcomeTable {
    private static final List<String> HEAD = List.of("HOST", "VERSION", "DIGEST", "NOW", "CHECKS", "SECONDS");

    /** What a job's page shows without scrolling sideways. */
    private static final int COLUMNS = 120;

    private OutcomeTable() {}

    /** Lines of equal columns, the first of them the head; a row of many services or checks goes on in lines below. */
    public static List<String> render(DeployOutcome outcome) {
        return TextTable.folded(
                HEAD,
                outcome.hosts().stream()
                        .map(host -> row(host, outcome.wanted()))
                        .toList(),
                COLUMNS);
    }

    private static List<String> row(HostOutcome host, RunningVersion wanted) {
        return List.of(
                host.host().value(),
                change(host.before().map(RunningVersion::tags), wanted.tags()),
                change(host.before().map(RunningVersion::digests), wanted.digests()),
                host.after().map(RunningVersion::tags).orElse("-"),
                host.checks(),
                seconds(host.took()));
    }

    private static String change(Optional<String> before, String wanted) {
        return before.filter(wanted::equals).orElseGet(() -> before.orElse("-") + " -> " + wanted);
    }

    private static String seconds(Duration took) {
        return String.format(Locale.ROOT, "%.1f", took.toMillis() / 1000.0);
    }
}
