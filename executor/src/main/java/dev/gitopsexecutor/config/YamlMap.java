package dev.gitopsexecutor.config;

import static java.util.Objects.requireNonNull;

import dev.gitopsexecutor.failure.Shown;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * One map of a file while it is read: every read adds to the problems instead of failing, and {@link #end} adds the
 * keys that nobody asked for.
 */
final class YamlMap {
    private final MappingNode node;
    private final String path;
    private final Problems problems;
    private final Map<String, Node> entries = new LinkedHashMap<>();
    private final Map<String, Node> keys = new LinkedHashMap<>();
    private final Set<String> known = new LinkedHashSet<>();

    YamlMap(MappingNode node, String path, Problems problems) {
        this.node = node;
        this.path = path;
        this.problems = problems;
        for (NodeTuple tuple : node.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                problems.add(tuple.getKeyNode().getStartMark(), path, "a key must be plain text");
            } else if (entries.putIfAbsent(key.getValue(), tuple.getValueNode()) != null) {
                problems.add(key.getStartMark(), at(key.getValue()), "the key stands here twice; keep one");
            } else {
                keys.put(key.getValue(), key);
            }
        }
    }

    <T> Optional<T> required(String key, YamlType<T> type) {
        return present(key).flatMap(value -> scalar(value, at(key), type));
    }

    <T> Optional<T> optional(String key, YamlType<T> type) {
        known.add(key);
        return Optional.ofNullable(entries.get(key)).flatMap(value -> scalar(value, at(key), type));
    }

    /** {@code absent} when the key is absent; it stands in for a refused value too, which is a problem then. */
    <T> T optional(String key, YamlType<T> type, T absent) {
        return optional(key, type).orElse(absent);
    }

    /** A list with at least one value. */
    <T> List<T> list(String key, YamlType<T> type) {
        List<T> values = new ArrayList<>();
        present(key).flatMap(value -> sequence(value, key)).ifPresent(elements -> {
            int index = 0;
            for (Node element : elements) {
                scalar(element, at(key) + "[" + index++ + "]", type).ifPresent(values::add);
            }
        });
        return values;
    }

    /** {@code absent} when the key is absent; otherwise as {@link #list}. */
    <T> List<T> optionalList(String key, YamlType<T> type, List<T> absent) {
        known.add(key);
        return entries.containsKey(key) ? list(key, type) : absent;
    }

    /** What is read of each map of a list with at least one; none when the key is absent. */
    <T> List<T> optionalMaps(String key, Function<YamlMap, Optional<T>> read) {
        known.add(key);
        List<T> values = new ArrayList<>();
        Optional.ofNullable(entries.get(key))
                .flatMap(value -> sequence(value, key))
                .ifPresent(elements -> {
                    int index = 0;
                    for (Node element : elements) {
                        map(element, at(key) + "[" + index++ + "]")
                                .flatMap(read)
                                .ifPresent(values::add);
                    }
                });
        return values;
    }

    <T> Optional<T> requiredMap(String key, Function<YamlMap, Optional<T>> read) {
        return present(key).flatMap(value -> map(value, at(key))).flatMap(read);
    }

    <T> Optional<T> optionalMap(String key, Function<YamlMap, Optional<T>> read) {
        known.add(key);
        return Optional.ofNullable(entries.get(key))
                .flatMap(value -> map(value, at(key)))
                .flatMap(read);
    }

    /** The entries of this map when its keys are names that the author chose. */
    <K> void eachMap(Function<String, K> parseKey, BiConsumer<K, YamlMap> read) {
        each(parseKey, (key, at, value) -> map(value, at).ifPresent(map -> read.accept(key, map)));
    }

    <K, V> void eachValue(Function<String, K> parseKey, YamlType<V> type, BiConsumer<K, V> read) {
        each(parseKey, (key, at, value) -> scalar(value, at, type).ifPresent(parsed -> read.accept(key, parsed)));
    }

    /** Adds a problem with the value of {@code key}, or with this map where the key is absent. */
    void problem(String key, String sentence) {
        Node place = entries.getOrDefault(key, node);
        problems.add(place.getStartMark(), at(key), sentence);
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    int size() {
        return entries.size();
    }

    boolean has(String key) {
        return entries.containsKey(key);
    }

    /** Leads to this map, such as {@code docker}; empty for the one at the top. */
    String path() {
        return path;
    }

    Problems problems() {
        return problems;
    }

    /** Call when everything was read. */
    void end() {
        keys.forEach((key, place) -> {
            if (!known.contains(key)) {
                String guess = NearestKey.of(key, known)
                        .map("did you mean \"%s\"?"::formatted)
                        .orElseGet(() -> "known here: " + String.join(", ", known));
                problems.add(place.getStartMark(), at(key), "unknown key%s; %s".formatted(foreignLetter(key), guess));
            }
        });
    }

    /** A letter of another alphabet may look like the one that was meant. */
    private static String foreignLetter(String key) {
        return key.codePoints()
                .filter(letter -> letter > 0x7e)
                .mapToObj(" with the letter U+%04X"::formatted)
                .findFirst()
                .orElse("");
    }

    private <K> void each(Function<String, K> parseKey, Entry<K> read) {
        keys.forEach((text, place) -> {
            known.add(text);
            Optional<K> key = Optional.empty();
            try {
                key = Optional.of(parseKey.apply(text));
            } catch (IllegalArgumentException refused) {
                problems.add(place.getStartMark(), at(text), sentence(text, refused));
            }
            key.ifPresent(parsed -> read.accept(parsed, at(text), requireNonNull(entries.get(text))));
        });
    }

    /** What is done with one entry. */
    private interface Entry<K> {
        void accept(K key, String at, Node value);
    }

    private Optional<Node> present(String key) {
        known.add(key);
        Optional<Node> value = Optional.ofNullable(entries.get(key));
        if (value.isEmpty()) {
            problems.add(node.getStartMark(), at(key), "missing; write it, as in the example");
        }
        return value;
    }

    private Optional<List<Node>> sequence(Node value, String key) {
        if (!(value instanceof SequenceNode sequence)) {
            problems.add(value.getStartMark(), at(key), "wanted a list; write [one, two] or a line `- one` for each");
            return Optional.empty();
        }
        if (sequence.getValue().isEmpty()) {
            problems.add(
                    value.getStartMark(), at(key), "the list is empty, which would allow nothing; name at least one");
            return Optional.empty();
        }
        return Optional.of(sequence.getValue());
    }

    private <T> Optional<T> scalar(Node value, String at, YamlType<T> type) {
        if (!(value instanceof ScalarNode scalar)) {
            problems.add(value.getStartMark(), at, "wanted %s, saw a %s".formatted(type.expected(), kind(value)));
            return Optional.empty();
        }
        if (!type.tags().contains(scalar.getTag())) {
            boolean quote = type.tags().contains(Tag.STR) && !scalar.getTag().equals(Tag.NULL);
            problems.add(
                    value.getStartMark(),
                    at,
                    "wanted %s, saw %s%s"
                            .formatted(
                                    type.expected(),
                                    YamlType.called(scalar.getTag()),
                                    quote ? "; write \"%s\" in quotes".formatted(Shown.plain(scalar.getValue())) : ""));
            return Optional.empty();
        }
        try {
            return Optional.of(type.parse().apply(scalar.getValue()));
        } catch (IllegalArgumentException refused) {
            problems.add(value.getStartMark(), at, sentence(scalar.getValue(), refused));
            return Optional.empty();
        }
    }

    private Optional<YamlMap> map(Node value, String at) {
        if (value instanceof MappingNode map) {
            return Optional.of(new YamlMap(map, at, problems));
        }
        problems.add(value.getStartMark(), at, "wanted a map of keys, saw a %s".formatted(kind(value)));
        return Optional.empty();
    }

    private String at(String key) {
        String shown = Shown.plain(key);
        return path.isEmpty() ? shown : path + "." + shown;
    }

    private static String kind(Node value) {
        return switch (value) {
            case MappingNode _ -> "map";
            case SequenceNode _ -> "list";
            default -> "single value";
        };
    }

    private static String sentence(String value, IllegalArgumentException refused) {
        String message = String.valueOf(refused.getMessage());
        return message.startsWith("\"") ? message : "%s: %s".formatted(Shown.quoted(value), message);
    }
}
