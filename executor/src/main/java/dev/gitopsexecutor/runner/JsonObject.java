package dev.gitopsexecutor.runner;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An object of the job response; a wrong type is refused with the member's path, never with its value.
 *
 * <p>A member that is missing and one that is {@code null} are the same: the runner writes Go's nil as null.
 */
final class JsonObject {
    private final String path;
    private final Map<String, @Nullable Object> members;

    JsonObject(String path, Map<String, @Nullable Object> members) {
        this.path = path;
        this.members = members;
    }

    /** Text that has at least one character. */
    String requiredText(String name) {
        return text(name).filter(text -> !text.isEmpty()).orElseThrow(() -> refused(name, "is missing"));
    }

    Optional<String> text(String name) {
        return member(name).map(value -> {
            if (value instanceof String text) {
                return text;
            }
            throw refused(name, "is not text");
        });
    }

    /** Text of one line, for what ends up in names, messages and decisions. */
    Optional<String> line(String name) {
        Optional<String> text = text(name);
        if (text.isPresent() && text.get().chars().anyMatch(Character::isISOControl)) {
            throw refused(name, "has a control character");
        }
        return text;
    }

    String requiredLine(String name) {
        return line(name).filter(text -> !text.isEmpty()).orElseThrow(() -> refused(name, "is missing"));
    }

    long requiredNumber(String name) {
        return number(name).orElseThrow(() -> refused(name, "is missing"));
    }

    OptionalLong number(String name) {
        Optional<Object> member = member(name);
        if (member.isEmpty()) {
            return OptionalLong.empty();
        }
        return switch (member.get()) {
            case Integer number -> OptionalLong.of(number);
            case Long number -> OptionalLong.of(number);
            default -> throw refused(name, "is not a whole number of at most 64 bits");
        };
    }

    /** An id that Go's zero value stands for when GitLab did not send it. */
    OptionalLong id(String name) {
        OptionalLong number = number(name);
        if (number.isPresent() && number.getAsLong() < 0) {
            throw refused(name, "is negative");
        }
        return number.isPresent() && number.getAsLong() == 0 ? OptionalLong.empty() : number;
    }

    Optional<Boolean> flag(String name) {
        return member(name).map(value -> {
            if (value instanceof Boolean flag) {
                return flag;
            }
            throw refused(name, "is neither true nor false");
        });
    }

    JsonObject requiredObject(String name) {
        return object(name).orElseThrow(() -> refused(name, "is missing"));
    }

    Optional<JsonObject> object(String name) {
        return member(name).map(value -> asObject(value, name));
    }

    /** Empty when there is no such list. */
    List<JsonObject> objects(String name) {
        Optional<Object> member = member(name);
        if (member.isEmpty()) {
            return List.of();
        }
        if (!(member.get() instanceof List<?> list)) {
            throw refused(name, "is not a list");
        }
        List<JsonObject> objects = new ArrayList<>();
        for (Object element : list) {
            objects.add(asObject(element, "%s[%d]".formatted(name, objects.size())));
        }
        return objects;
    }

    /** Empty when there is no such list. */
    List<String> texts(String name) {
        Optional<Object> member = member(name);
        if (member.isEmpty()) {
            return List.of();
        }
        if (!(member.get() instanceof List<?> list) || !list.stream().allMatch(String.class::isInstance)) {
            throw refused(name, "is not a list of texts");
        }
        return list.stream().map(String.class::cast).toList();
    }

    /** The member's value as one of our types, whose refusal then names the member. */
    <T> T required(String name, Function<JsonObject, T> parser) {
        try {
            return parser.apply(this);
        } catch (IllegalArgumentException refused) {
            String problem = String.valueOf(refused.getMessage());
            throw problem.startsWith(".") ? refused : refused(name, "cannot be: " + problem);
        }
    }

    /** What a caller throws when the member has the right type and a value that cannot be. */
    IllegalArgumentException refused(String name, String problem) {
        return new IllegalArgumentException("%s.%s %s".formatted(path, name, problem));
    }

    private Optional<Object> member(String name) {
        return Optional.ofNullable(members.get(name));
    }

    @SuppressWarnings("unchecked") // JsonTree makes every map of text to values
    private JsonObject asObject(@Nullable Object value, String name) {
        if (value instanceof Map<?, ?> map) {
            return new JsonObject(path + "." + name, (Map<String, @Nullable Object>) map);
        }
        throw refused(name, "is not an object");
    }
}
