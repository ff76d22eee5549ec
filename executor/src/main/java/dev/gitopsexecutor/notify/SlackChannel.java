package dev.gitopsexecutor.notify;

import dev.gitopsexecutor.io.Http;
import dev.gitopsexecutor.model.Mention;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A message to an incoming webhook.
 *
 * @see <a href="https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks">its answers</a>
 */
final class SlackChannel implements Channel {
    /** Slack's own words for an answer are such: {@code invalid_payload}. */
    private static final String WORD = "[a-z_]{2,40}";

    private final HttpPost post;
    private final URI url;
    private final String json;

    SlackChannel(HttpPost post, URI url, Notification notification, List<Mention> mentions) {
        this.post = post;
        this.url = url;
        this.json = SlackMessage.of(notification, mentions);
    }

    @Override
    public Attempt send(Duration timeout) throws InterruptedException {
        return post.send(url, Map.of(), json, timeout, this::judged);
    }

    private Attempt judged(Http.Answer answer) {
        String body = answer.body().strip();
        String word = body.matches(WORD) ? " " + body : "";
        return switch (answer.status()) {
            case 200 ->
                body.equals("ok")
                        ? new Attempt.Told()
                        : new Attempt.Refused("HTTP 200 without Slack's `ok`: that is not a webhook of Slack");
            case 400 -> new Attempt.Refused("HTTP 400%s: Slack does not take the message".formatted(word));
            case 403 ->
                new Attempt.Refused("HTTP 403%s: Slack forbids it; ask who administers the workspace".formatted(word));
            case 404, 410 ->
                new Attempt.Refused("HTTP %d%s: the webhook or its channel is gone; make a new one and store its URL"
                        .formatted(answer.status(), word));
            default -> post.judged(answer);
        };
    }

    @Override
    public void close() {
        post.close();
    }
}
