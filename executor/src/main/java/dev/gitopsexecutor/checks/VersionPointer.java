package dev.gitopsexecutor.checks;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.gitopsexecutor.io.PlainText;
import dev.gitopsexecutor.model.CommitSha;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Where an answer tells its version, and which version it must be.
 *
 * @param pointer JSON pointer (RFC 6901)
 * @param tag that the version equals, unless it abbreviates {@code commit} by at least 7 digits
 */
public record VersionPointer(String pointer, String tag, CommitSha commit) {
    private static final JsonMapper JSON = new JsonMapper();

    /**
     * What is wrong with the version in {@code body}; empty when it is the wanted one.
     *
     * @param mask takes secrets out of what is shown of it
     */
    Optional<String> mismatch(String body, UnaryOperator<String> mask) {
        JsonNode found;
        try {
            found = JSON.readTree(body).at(JsonPointer.compile(pointer));
        } catch (JsonProcessingException | IllegalArgumentException invalid) {
            return Optional.of("the answer is not JSON: \"" + start(mask.apply(body)) + "\"");
        }
        if (found.isMissingNode() || found.isNull()) {
            return Optional.of("the answer has nothing at %s: \"%s\"".formatted(pointer, start(mask.apply(body))));
        }
        if (!found.isValueNode()) {
            return Optional.of("%s of the answer is no text but an object or a list".formatted(pointer));
        }
        String version = found.asText();
        boolean abbreviates =
                version.matches("[0-9a-f]{7,64}") && commit.value().startsWith(version);
        return version.equals(tag) || abbreviates
                ? Optional.empty()
                : Optional.of("the answer says \"%s\"".formatted(start(mask.apply(version))));
    }

    private static String start(String text) {
        String plain = PlainText.sentence(text);
        return plain.length() <= 120 ? plain : plain.substring(0, 120) + "…";
    }
}
