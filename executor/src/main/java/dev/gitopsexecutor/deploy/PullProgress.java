package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.ServiceName;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code pull.sh} tells while it pulls, line by line. Lines of another form, or of an image that nobody asked for, are
 * nothing: a host may lie, and then says only how far it is.
 */
final class PullProgress implements Consumer<String> {
    private static final Pattern LAYERS = Pattern.compile("layers ([0-9]{1,4}) ([0-9]{1,4})");

    private final Map<String, String> names = new LinkedHashMap<>();
    private final Set<String> pulled = new LinkedHashSet<>();
    private final Duration limit;
    private final Instant start;
    private final Consumer<Activity> doing;
    private Optional<String> now = Optional.empty();
    private Optional<Activity> activity = Optional.empty();

    /**
     * @param limit of the whole pull
     * @param doing hears what is being done each time that it is another thing
     */
    PullProgress(Collection<ImageRef> images, Duration limit, Instant start, Consumer<Activity> doing) {
        images.forEach(image -> names.put(image.toString(), name(image)));
        this.limit = limit;
        this.start = start;
        this.doing = doing;
    }

    /** The image as people know it: {@code shop/app:3f2a1b9c}, without its registry. */
    static String name(ImageRef image) {
        String path = image.registry()
                .map(registry -> image.repository().substring(registry.length() + 1))
                .orElse(image.repository());
        return path
                + image.tag()
                        .map(tag -> ":" + tag)
                        .or(() -> image.digest().map(digest -> "@" + digest.abbreviated()))
                        .orElse("");
    }

    @Override
    public synchronized void accept(String line) {
        Matcher layers = LAYERS.matcher(line);
        if (layers.matches()) {
            activity.ifPresent(pull -> saw(pull, Integer.parseInt(layers.group(1)), Integer.parseInt(layers.group(2))));
            return;
        }
        int space = line.indexOf(' ');
        String image = line.substring(space + 1);
        if (!names.containsKey(image)) {
            return;
        }
        switch (line.substring(0, Math.max(0, space))) {
            case "pulling" -> begin(image);
            case "unchanged" -> pulled.remove(names.get(image));
            default -> {}
        }
    }

    private void begin(String image) {
        if (now.filter(image::equals).isPresent()) {
            return;
        }
        String name = names.get(image);
        pulled.add(name);
        now = Optional.of(image);
        var pull = new Activity("pulling " + name, start, Optional.of(limit));
        activity = Optional.of(pull);
        doing.accept(pull);
    }

    private static void saw(Activity pull, int complete, int all) {
        if (all > 0 && complete <= all) {
            pull.saw("%d of %d layers".formatted(complete, all), (double) complete / all);
        }
    }

    /** What became of the images until {@code end}. */
    synchronized HostPull pull(SortedMap<ServiceName, ImageRef> pinned, Instant end) {
        Set<String> present = new LinkedHashSet<>(names.values());
        present.removeAll(pulled);
        return new HostPull(pinned, List.copyOf(pulled), List.copyOf(present), Duration.between(start, end));
    }
}
