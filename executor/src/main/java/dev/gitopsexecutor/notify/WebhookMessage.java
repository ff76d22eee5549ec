package dev.gitopsexecutor.notify;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gitopsexecutor.model.Mention;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A notification as JSON, as docs/install.md has it: every field is there, {@code null} where nothing is known. */
final class WebhookMessage {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int SCHEMA = 1;
    private static final int TEXT = 500;

    private WebhookMessage() {}

    static String of(Notification notification, List<Mention> mentions) {
        Wording wording = new Wording(notification);
        ObjectNode root = JSON.createObjectNode()
                .put("schema", SCHEMA)
                .put("event", Wording.word(notification.event()))
                .put("test", notification.isTest())
                .put("headline", wording.headline())
                .put("environment", notification.environment().value())
                .put("tier", Wording.line(notification.tier(), TEXT))
                .put("project", Wording.line(notification.project(), TEXT))
                .put("version", line(notification.version()))
                .put("previous_version", line(notification.previous()));
        notification
                .commit()
                .ifPresentOrElse(
                        commit -> root.putObject("commit")
                                .put("sha", commit.sha().value())
                                .put("title", line(commit.title()))
                                .put("author", line(commit.author())),
                        () -> root.putNull("commit"));
        root.put("started_by", Wording.line(notification.startedBy(), TEXT))
                .put("pipeline_url", web(notification.links().pipeline()))
                .put("job_url", web(notification.links().job()))
                .put("report_url", web(notification.links().report()));
        notification
                .took()
                .ifPresentOrElse(took -> root.put("seconds", took.toMillis() / 1000.0), () -> root.putNull("seconds"));
        ArrayNode hosts = root.putArray("hosts");
        notification.hosts().forEach(host -> hosts.add(Wording.line(host, TEXT)));
        notification
                .problem()
                .ifPresentOrElse(
                        problem -> root.putObject("failure")
                                .put("code", Wording.line(problem.code(), TEXT))
                                .put("sentence", wording.problem().orElseThrow())
                                .put("next", wording.next().orElseThrow()),
                        () -> root.putNull("failure"));
        root.put("now", wording.now().orElse(null));
        ArrayNode mentioned = root.putArray("mentions");
        if (notification.isAlarming()) {
            mentions.forEach(mention -> mentioned.add(mention.text()));
        }
        return root.toString();
    }

    private static @Nullable String line(Optional<String> text) {
        return text.map(known -> Wording.line(known, TEXT)).orElse(null);
    }

    private static @Nullable String web(Optional<URI> url) {
        return url.filter(Wording::isWeb).map(URI::toString).orElse(null);
    }
}
