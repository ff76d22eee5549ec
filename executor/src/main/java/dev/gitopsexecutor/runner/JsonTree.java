package dev.gitopsexecutor.runner;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads one JSON object into maps, lists and plain values, without a data binder: that would cost each process 65 ms.
 *
 * <p>Refuses a repeated name, bytes after the object and deep nesting.
 */
final class JsonTree {
    private static final int MAX_DEPTH = 32;

    private JsonTree() {}

    /** Throws {@link IllegalArgumentException} with a sentence and a place, never with the document's text. */
    static JsonObject read(byte[] document) throws IOException {
        JsonFactory factory = JsonFactory.builder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(MAX_DEPTH)
                        .maxStringLength(document.length + 1)
                        .build())
                .build();
        try (JsonParser parser = factory.createParser(document)) {
            return object(parser);
        }
    }

    private static JsonObject object(JsonParser parser) throws IOException {
        try {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IllegalArgumentException("the document is not a JSON object");
            }
            JsonObject object = new JsonObject("", members(parser));
            if (parser.nextToken() != null) {
                throw new IllegalArgumentException("there is something after the JSON object");
            }
            return object;
        } catch (StreamConstraintsException excessive) {
            throw refused("is nested too deep, or has a name or number that is too long,", parser);
        } catch (JsonProcessingException syntax) {
            throw refused("is not JSON, or has a name twice,", parser);
        }
    }

    /** Without the library's own message, which quotes what it read and so perhaps a secret. */
    private static IllegalArgumentException refused(String problem, JsonParser parser) {
        JsonLocation place = parser.currentLocation();
        return new IllegalArgumentException(
                "the document %s at line %d, column %d".formatted(problem, place.getLineNr(), place.getColumnNr()));
    }

    private static Map<String, @Nullable Object> members(JsonParser parser) throws IOException {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            members.put(name, value(parser, parser.nextToken()));
        }
        return Collections.unmodifiableMap(members);
    }

    private static @Nullable Object value(JsonParser parser, JsonToken token) throws IOException {
        return switch (token) {
            case START_OBJECT -> members(parser);
            case START_ARRAY -> elements(parser);
            case VALUE_STRING -> parser.getText();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getNumberValue();
            case NOT_AVAILABLE, END_OBJECT, END_ARRAY, FIELD_NAME, VALUE_EMBEDDED_OBJECT ->
                throw new IllegalArgumentException("the JSON document ends in the middle");
        };
    }

    private static List<@Nullable Object> elements(JsonParser parser) throws IOException {
        List<@Nullable Object> elements = new ArrayList<>();
        JsonToken token = parser.nextToken();
        while (token != JsonToken.END_ARRAY) {
            elements.add(value(parser, token));
            token = parser.nextToken();
        }
        return Collections.unmodifiableList(elements);
    }
}
