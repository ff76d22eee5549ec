package dev.gitopsexecutor.notify;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gitopsexecutor.model.Mention;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A notification as Slack shows it: a line with the mentions, and an attachment whose colour says how it ended.
 *
 * @see <a href="https://docs.slack.dev/messaging/formatting-message-text">escaping</a>
 * @see <a href="https://docs.slack.dev/reference/block-kit/blocks">blocks and their limits</a>
 */
final class SlackMessage {
    private static final JsonMapper JSON = new JsonMapper();

    /** Of the text of a section; Slack takes 3000. */
    private static final int SECTION = 2900;

    /** Slack takes 2000. */
    private static final int FIELD = 1900;

    private SlackMessage() {}

    static String of(Notification notification, List<Mention> mentions) {
        Wording wording = new Wording(notification);
        String headline = escaped(wording.headline(), SECTION);
        String text = Stream.concat(
                        notification.isAlarming()
                                ? mentions.stream().map(Mention::inSlack).flatMap(Optional::stream)
                                : Stream.empty(),
                        Stream.of("*" + headline + "*"))
                .collect(Collectors.joining(" "));
        ObjectNode root = JSON.createObjectNode().put("text", text).put("unfurl_links", false);
        ObjectNode attachment = root.putArray("attachments")
                .addObject()
                .put("color", wording.colour())
                .put("fallback", headline);
        ArrayNode blocks = attachment.putArray("blocks");
        ArrayNode fields = blocks.addObject().put("type", "section").putArray("fields");
        wording.facts()
                .forEach(fact ->
                        mrkdwn(fields.addObject(), "*%s*\n%s".formatted(fact.label(), escaped(fact.value(), FIELD))));
        wording.problem().ifPresent(problem -> section(blocks, escaped(problem, SECTION)));
        wording.now().ifPresent(now -> section(blocks, escaped(now, SECTION)));
        wording.next().ifPresent(next -> section(blocks, "*Next* " + escaped(next, SECTION)));
        String links = wording.links().stream()
                .map(link -> "<%s|%s>".formatted(escaped(link.url().toString(), Integer.MAX_VALUE), link.label()))
                .collect(Collectors.joining("   "));
        if (!links.isEmpty()) {
            section(blocks, links);
        }
        return root.toString();
    }

    private static void section(ArrayNode blocks, String text) {
        mrkdwn(blocks.addObject().put("type", "section").putObject("text"), text);
    }

    /** Verbatim: what looks like a name or a link in foreign text stays text. */
    private static void mrkdwn(ObjectNode node, String text) {
        node.put("type", "mrkdwn").put("text", text).put("verbatim", true);
    }

    /** What stays below {@code limit} once it is escaped. */
    private static String escaped(String text, int limit) {
        StringBuilder escaped = new StringBuilder();
        for (int at = 0; at < text.length(); ) {
            int letter = text.codePointAt(at);
            String piece = switch (letter) {
                case '&' -> "&amp;";
                case '<' -> "&lt;";
                case '>' -> "&gt;";
                default -> Character.toString(letter);
            };
            if (escaped.length() + piece.length() >= limit) {
                return escaped.append('…').toString();
            }
            escaped.append(piece);
            at += Character.charCount(letter);
        }
        return escaped.toString();
    }
}
