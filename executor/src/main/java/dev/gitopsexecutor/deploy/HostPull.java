package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.io.DurationText;
import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.ServiceName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How a host came to the images of a release.
 *
 * @param images with their digests
 * @param pulled the names of those that it had not
 * @param present the names of those that it had already
 */
record HostPull(SortedMap<ServiceName, ImageRef> images, List<String> pulled, List<String> present, Duration took) {
    private static final int ONE_BY_ONE = 3;

    HostPull {
        images = Collections.unmodifiableSortedMap(new TreeMap<>(images));
        pulled = List.copyOf(pulled);
        present = List.copyOf(present);
    }

    /** A line for each host where they are few, else one or two for all. */
    static List<String> lines(SequencedMap<HostName, HostPull> pulls) {
        List<String> lines = new ArrayList<>();
        if (pulls.size() <= ONE_BY_ONE) {
            pulls.forEach((host, pull) -> lines.add("%s: %s".formatted(host, pull.describe())));
            return lines;
        }
        List<Map.Entry<HostName, HostPull>> slow = pulls.entrySet().stream()
                .filter(entry -> !entry.getValue().pulled().isEmpty())
                .sorted(Comparator.comparing(entry -> entry.getValue().took()))
                .toList();
        if (!slow.isEmpty()) {
            lines.add("pulled on %d of %d hosts in %s to %s, the slowest is %s"
                    .formatted(
                            slow.size(),
                            pulls.size(),
                            DurationText.fine(slow.getFirst().getValue().took()),
                            DurationText.fine(slow.getLast().getValue().took()),
                            slow.getLast().getKey()));
        }
        if (slow.size() < pulls.size()) {
            lines.add("present already on %d of %d hosts".formatted(pulls.size() - slow.size(), pulls.size()));
        }
        return lines;
    }

    private String describe() {
        String here = "present already: " + String.join(", ", present);
        if (pulled.isEmpty()) {
            return here;
        }
        String text = "pulled %s in %s".formatted(String.join(", ", pulled), DurationText.fine(took));
        return present.isEmpty() ? text : "%s; %s".formatted(text, here);
    }
}
