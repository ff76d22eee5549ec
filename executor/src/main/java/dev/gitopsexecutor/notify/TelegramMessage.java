package dev.gitopsexecutor.notify;

import dev.gitopsexecutor.model.Mention;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A notification in Telegram's HTML. Foreign text stands in {@code <code>} and {@code <pre>}, where nothing is made a link or
 * a mention of. All of it is below 4096 characters, as they count after the markup is read.
 *
 * @see <a href="https://core.telegram.org/bots/api#html-style">HTML style</a>
 */
final class TelegramMessage {
    private TelegramMessage() {}

    static String of(Notification notification, List<Mention> mentions) {
        Wording wording = new Wording(notification);
        List<String> lines = new ArrayList<>();
        lines.add("%s <code>%s</code>".formatted(sign(notification), Html.escaped(wording.headline())));
        wording.facts()
                .forEach(fact -> lines.add("%s: <code>%s</code>".formatted(fact.label(), Html.escaped(fact.value()))));
        wording.problem().ifPresent(problem -> lines.add("<pre>%s</pre>".formatted(Html.escaped(problem))));
        wording.now().ifPresent(now -> lines.add("<code>%s</code>".formatted(Html.escaped(now))));
        wording.next().ifPresent(next -> lines.add("Next: <code>%s</code>".formatted(Html.escaped(next))));
        String links = wording.links().stream()
                .map(link -> "<a href=\"%s\">%s</a>"
                        .formatted(Html.escaped(link.url().toString()), link.label()))
                .collect(Collectors.joining(" · "));
        if (!links.isEmpty()) {
            lines.add(links);
        }
        if (notification.isAlarming()) {
            String names = mentions.stream()
                    .map(Mention::inTelegram)
                    .flatMap(Optional::stream)
                    .collect(Collectors.joining(" "));
            if (!names.isEmpty()) {
                lines.add(names);
            }
        }
        return String.join("\n", lines);
    }

    private static String sign(Notification notification) {
        return switch (notification.event()) {
            case STARTED -> "🚀";
            case SUCCEEDED -> "✅";
            case FAILED, DRIFT -> "❌";
            case ROLLED_BACK -> notification.problem().isPresent() ? "❌" : "↩️";
            case DENIED -> "⛔";
        };
    }
}
