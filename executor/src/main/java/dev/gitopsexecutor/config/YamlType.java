package dev.gitopsexecutor.config;

import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * A type of single value in a file.
 *
 * @param expected in a message: {@code text}
 * @param tags what YAML may have recognised the value as
 * @param parse throws {@link IllegalArgumentException} with a sentence for the reader
 */
record YamlType<T>(String expected, Set<Tag> tags, Function<String, T> parse) {
    static final YamlType<Boolean> BOOLEAN = new YamlType<>("true or false", Set.of(Tag.BOOL), "true"::equals);

    /** Text, numbers and booleans alike, as they are written in the file. */
    static final YamlType<String> AS_WRITTEN =
            new YamlType<>("a value", Set.of(Tag.STR, Tag.INT, Tag.FLOAT, Tag.BOOL), text -> text);

    static <T> YamlType<T> text(Function<String, T> parse) {
        return new YamlType<>("text", Set.of(Tag.STR), parse);
    }

    static YamlType<Long> integer(long min, long max) {
        return new YamlType<>("a whole number", Set.of(Tag.INT), text -> {
            // Longer ones do not fit into a long and are out of every range here.
            long number = text.length() <= 18 ? Long.parseLong(text) : Long.MAX_VALUE;
            if (number < min || number > max) {
                throw new IllegalArgumentException(
                        min == max ? "write %d".formatted(min) : "write %d to %d".formatted(min, max));
            }
            return number;
        });
    }

    static YamlType<Double> number(double min, double max) {
        return new YamlType<>("a number", Set.of(Tag.INT, Tag.FLOAT), text -> {
            double number = Double.parseDouble(text);
            if (!(number >= min && number <= max)) {
                throw new IllegalArgumentException("write %s to %s".formatted(min, max));
            }
            return number;
        });
    }

    static <E extends Enum<E>> YamlType<E> oneOf(E[] constants) {
        return text(text -> {
            for (E constant : constants) {
                if (constant.name().toLowerCase(Locale.ROOT).equals(text)) {
                    return constant;
                }
            }
            throw new IllegalArgumentException("write one of "
                    + String.join(
                                    ", ",
                                    java.util.Arrays.stream(constants)
                                            .map(Enum::name)
                                            .toList())
                            .toLowerCase(Locale.ROOT));
        });
    }

    /** How a value that YAML recognised as {@code tag} is called. */
    static String called(Tag tag) {
        if (tag.equals(Tag.INT) || tag.equals(Tag.FLOAT)) {
            return "a number";
        }
        if (tag.equals(Tag.BOOL)) {
            return "true or false";
        }
        return tag.equals(Tag.NULL) ? "nothing" : "text";
    }
}
