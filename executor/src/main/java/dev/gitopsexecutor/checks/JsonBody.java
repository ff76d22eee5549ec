package dev.gitopsexecutor.checks;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Locale;

/** An answer's body as JSON, whatever its content type says; how deep and long it may be is Jackson's own limit. */
final class JsonBody {
    /** Numbers stay as they are written: 1.10 is not 1.1. */
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS, DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private JsonBody() {}

    /** What is at a JSON pointer. */
    sealed interface Found {
        /** A string, a number or a boolean, as text. */
        record Value(String text) implements Found {}

        /** An object or a list. */
        record Structure(String saw) implements Found {}

        /** Nothing, or null, or the whole answer is no JSON. */
        record Nothing(String saw) implements Found {}
    }

    /** @param pointer as in RFC 6901 */
    static Found at(String pointer, Answer answer, Quoting quoting) {
        if (answer.isCut()) {
            return new Found.Nothing("the answer is longer than 64 KiB");
        }
        if (!answer.contentEncoding().isEmpty()
                && !answer.contentEncoding().toLowerCase(Locale.ROOT).equals("identity")) {
            return new Found.Nothing(
                    "the answer is packed (content encoding %s)".formatted(quoting.plain(answer.contentEncoding())));
        }
        if (answer.body().isBlank()) {
            return new Found.Nothing("the answer has no body");
        }
        JsonNode root;
        JsonNode found;
        try {
            root = JSON.readTree(answer.body());
            found = root.at(JsonPointer.compile(pointer));
        } catch (JsonProcessingException | IllegalArgumentException invalid) {
            return new Found.Nothing(notJson(answer, quoting));
        }
        if (found.isMissingNode() || found.isNull()) {
            // As this machine writes it: a secret in an unusual spelling is masked, too.
            return new Found.Nothing(
                    "the answer has nothing at %s: %s".formatted(pointer, quoting.quote(root.toString())));
        }
        return found.isValueNode()
                ? new Found.Value(found.asText())
                : new Found.Structure("%s of the answer is no text but an object or a list".formatted(pointer));
    }

    private static String notJson(Answer answer, Quoting quoting) {
        String type = answer.contentType().toLowerCase(Locale.ROOT);
        String start = answer.body().stripLeading().toLowerCase(Locale.ROOT);
        if (type.startsWith("text/html") || start.startsWith("<!doctype html") || start.startsWith("<html")) {
            return "the answer is HTML, not JSON: " + quoting.quote(answer.body());
        }
        String named = type.isEmpty() ? "no content type" : "content type " + quoting.plain(answer.contentType());
        return "the answer is not JSON (%s): %s".formatted(named, quoting.quote(answer.body()));
    }
}
