package dev.gitopsexecutor.notify;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gitopsexecutor.failure.Shown;
import dev.gitopsexecutor.io.Http;
import dev.gitopsexecutor.model.Mention;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A message of a bot.
 *
 * @see <a href="https://core.telegram.org/bots/api#sendmessage">sendMessage</a>
 * @see <a href="https://core.telegram.org/bots/api#responseparameters">retry_after</a>
 */
final class TelegramChannel implements Channel {
    /** Of a bot's token, which is a part of the URL. */
    static final Pattern TOKEN = Pattern.compile("[0-9]{1,20}:[A-Za-z0-9_-]{20,100}");

    private static final JsonMapper JSON = new JsonMapper();

    private final HttpPost post;
    private final URI url;
    private final String token;
    private final String json;

    /** @param token of {@link #TOKEN} */
    TelegramChannel(
            HttpPost post,
            NotifierSettings.Telegram settings,
            String token,
            Notification notification,
            List<Mention> mentions) {
        this.post = post;
        this.url = URI.create("%s/bot%s/sendMessage".formatted(settings.api(), token));
        this.token = token;
        ObjectNode message = JSON.createObjectNode()
                .put("chat_id", settings.chat())
                .put("text", TelegramMessage.of(notification, mentions))
                .put("parse_mode", "HTML");
        message.putObject("link_preview_options").put("is_disabled", true);
        settings.thread().ifPresent(thread -> message.put("message_thread_id", thread));
        this.json = message.toString();
    }

    @Override
    public Attempt send(Duration timeout) throws InterruptedException {
        return post.send(url, Map.of(), json, timeout, this::judged);
    }

    private Attempt judged(Http.Answer answer) {
        Optional<JsonNode> body = json(answer.body());
        if (body.filter(node -> node.path("ok").asBoolean()).isPresent()) {
            return new Attempt.Told();
        }
        // A proxy's page says nothing; Telegram's description says all.
        String said = body.map(node -> node.path("description").asText())
                .filter(text -> !text.isEmpty())
                .map(text -> ": " + Shown.plain(text.replace(token, "[MASKED]")))
                .orElse("");
        Optional<Duration> wait = body.map(
                        node -> node.path("parameters").path("retry_after").asLong(-1))
                .filter(seconds -> seconds >= 0)
                .map(Duration::ofSeconds);
        if (answer.status() == 200) {
            return new Attempt.Refused("HTTP 200 without Telegram's `ok`%s".formatted(said));
        }
        return switch (post.judged(answer)) {
            case Attempt.Failed(String saw, Optional<Duration> header) ->
                new Attempt.Failed(saw + said, wait.or(() -> header));
            case Attempt.Refused(String saw) -> new Attempt.Refused(saw + said + meaning(answer.status()));
            case Attempt.Told told -> told;
        };
    }

    private static String meaning(int status) {
        return switch (status) {
            case 401, 404 -> "; Telegram does not know the bot's token";
            case 403 -> "; the bot may not write there: add it to the chat";
            default -> "";
        };
    }

    private static Optional<JsonNode> json(String body) {
        try {
            return Optional.ofNullable(JSON.readTree(body)).filter(JsonNode::isObject);
        } catch (JsonProcessingException none) {
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        post.close();
    }
}
