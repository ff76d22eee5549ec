package dev.gitopsexecutor.deploy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;

/** Where the time of a deploy went, for the end of its log. */
public final class PhaseTable {
    private static final int LONGEST_BAR = 40;

    private PhaseTable() {}

    /**
     * Lines of equal columns, the first of them the head, the last the sum:
     *
     * <pre>
     * PHASE     SECONDS  SHARE
     * hosts        0.31     4 %  ██
     * web_1        7.92    96 %  ██████████████████████████████████████
     * total        8.23
     * </pre>
     *
     * @param spent by the name of a section of the log, in the order of their ends; {@code deploy_} and {@code gitops_} before
     *     a name are left out
     */
    public static List<String> lines(SequencedMap<String, Duration> spent) {
        SequencedMap<String, Duration> took = new LinkedHashMap<>(spent);
        // A clock that is set back meanwhile must not spoil the end of a deploy.
        took.replaceAll((_, time) -> time.isNegative() ? Duration.ZERO : time);
        Duration total = took.values().stream().reduce(Duration.ZERO, Duration::plus);
        int width = took.keySet().stream()
                .mapToInt(name -> phase(name).length())
                .max()
                .orElse(0);
        String columns = "%%-%ds  %%7s".formatted(Math.max(width, "PHASE".length()));
        List<String> lines = new ArrayList<>();
        lines.add((columns + "  SHARE").formatted("PHASE", "SECONDS"));
        for (Map.Entry<String, Duration> entry : took.entrySet()) {
            double share = total.isZero() ? 0 : (double) entry.getValue().toNanos() / total.toNanos();
            String line = (columns + "  %3d %%  %s")
                    .formatted(
                            phase(entry.getKey()), seconds(entry.getValue()), Math.round(share * 100), "█".repeat((int)
                                            Math.round(share * LONGEST_BAR)));
            lines.add(line.stripTrailing());
        }
        lines.add(columns.formatted("total", seconds(total)));
        return lines;
    }

    private static String phase(String section) {
        return section.replaceFirst("^(?:deploy|gitops)_", "");
    }

    private static String seconds(Duration time) {
        return String.format(Locale.ROOT, "%.2f", time.toMillis() / 1000.0);
    }
}
