package dev.gitopsexecutor.target;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gitopsexecutor.io.PlainText;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/**
 * Who holds a host's lock, for the humans who wait for it.
 *
 * @param who one phrase: {@code job 123 (pipeline 45, alice)}
 */
public record LockOwner(String who, Instant since) {
    private static final JsonMapper JSON = new JsonMapper();

    /** The owner with how long it has been there: what a waiting job prints. */
    public String describe(Instant now) {
        return "%s, since %s (%d s)"
                .formatted(who, since, Duration.between(since, now).toSeconds());
    }

    String json() {
        ObjectNode node = JSON.createObjectNode();
        node.put("who", who).put("since", since.toString());
        return node + "\n";
    }

    /** Empty when the text, which may be of a file that is just being written, is not an owner. */
    public static Optional<LockOwner> parse(String json) {
        try {
            JsonNode node = JSON.readTree(json);
            Instant since = Instant.parse(node.path("since").asText());
            return Optional.of(new LockOwner(PlainText.sentence(node.path("who").asText()), since));
        } catch (JsonProcessingException | DateTimeParseException damaged) {
            return Optional.empty();
        }
    }
}
