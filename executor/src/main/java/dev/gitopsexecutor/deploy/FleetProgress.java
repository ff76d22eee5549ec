package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.io.DurationText;
import dev.gitopsexecutor.io.PlainText;
import dev.gitopsexecutor.model.HostName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * The progress lines of a step on hosts: the first after three seconds, then one every ten, of each host where they are few,
 * else one for all.
 */
final class FleetProgress {
    private static final Duration FIRST = Duration.ofSeconds(3);
    private static final Duration BETWEEN = Duration.ofSeconds(10);
    private static final int ONE_BY_ONE = 3;
    private static final int NAMED = 3;
    private static final int LONGEST = 120;

    private final String doing;
    private final int hosts;
    private final UnaryOperator<String> mask;
    private final Instant start;
    private Instant next;

    /**
     * @param doing what is done on all of them, for the host that does not say it itself
     * @param hosts how many take part
     * @param mask takes secrets out of what a host says
     */
    FleetProgress(String doing, int hosts, UnaryOperator<String> mask, Instant start) {
        this.doing = doing;
        this.hosts = hosts;
        this.mask = mask;
        this.start = start;
        this.next = start.plus(FIRST);
    }

    /** An activity for a host that does not tell its own. */
    Activity activity() {
        return new Activity(doing, start, Optional.empty());
    }

    boolean isDue(Instant now) {
        return !now.isBefore(next);
    }

    /** What to print now of the hosts that are not done; none when all are. */
    List<String> lines(SequencedMap<HostName, Activity> late, Instant now) {
        next = now.plus(BETWEEN);
        if (late.isEmpty()) {
            return List.of();
        }
        if (late.size() <= ONE_BY_ONE) {
            List<String> lines = new ArrayList<>();
            late.forEach(
                    (host, activity) -> lines.add("%s: %s, %s".formatted(host, shown(activity), activity.time(now))));
            return lines;
        }
        String slowest = late.entrySet().stream()
                .sorted(Comparator.comparingDouble(entry -> entry.getValue().share()))
                .limit(NAMED)
                .map(entry -> "%s (%s)".formatted(entry.getKey(), shown(entry.getValue())))
                .collect(Collectors.joining(", "));
        return List.of("%s on %d of %d hosts after %s: slowest %s%s"
                .formatted(
                        doing,
                        late.size(),
                        hosts,
                        DurationText.coarse(Duration.between(start, now)),
                        slowest,
                        late.size() > NAMED ? ", …" : ""));
    }

    private String shown(Activity activity) {
        // Masked before it is cut: half a secret is found by nobody.
        String text = PlainText.line(mask.apply(activity.text()));
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
    }
}
