package dev.gitopsexecutor.notify;

import java.util.stream.Collectors;

/** A notification as mail programs show it: the same in HTML and in plain text, with nothing to load from elsewhere. */
final class EmailMessage {
    private final Notification notification;
    private final Wording wording;

    EmailMessage(Notification notification) {
        this.notification = notification;
        this.wording = new Wording(notification);
    }

    /** One line without control characters. */
    String subject() {
        return Wording.cut("[%s] %s".formatted(notification.environment().value(), wording.headline()), 200);
    }

    String text() {
        StringBuilder text = new StringBuilder(wording.headline()).append("\n\n");
        wording.facts().forEach(fact -> text.append("%-12s %s%n".formatted(fact.label() + ":", fact.value())));
        wording.problem().ifPresent(problem -> text.append('\n').append(problem).append('\n'));
        wording.now().ifPresent(now -> text.append('\n').append(now).append('\n'));
        wording.next().ifPresent(next -> text.append("\nNext: ").append(next).append('\n'));
        wording.links().forEach(link -> text.append("\n%s: %s".formatted(link.label(), link.url())));
        return text.append('\n').toString();
    }

    String html() {
        String facts = wording.facts().stream()
                .map(fact ->
                        "<tr><td style=\"padding:2px 16px 2px 0;color:#737278\">%s</td><td style=\"padding:2px 0\">%s</td></tr>"
                                .formatted(fact.label(), Html.escaped(fact.value())))
                .collect(Collectors.joining("\n"));
        String problem = wording.problem()
                .map(text -> "<pre style=\"white-space:pre-wrap;padding:8px;background:#f5f5f5\">%s</pre>"
                        .formatted(Html.escaped(text)))
                .orElse("");
        String now = wording.now()
                .map(text -> "<p>%s</p>".formatted(Html.escaped(text)))
                .orElse("");
        String next = wording.next()
                .map(text -> "<p><b>Next:</b> %s</p>".formatted(Html.escaped(text)))
                .orElse("");
        String links = wording.links().stream()
                .map(link -> "<a href=\"%s\">%s</a>"
                        .formatted(Html.escaped(link.url().toString()), link.label()))
                .collect(Collectors.joining(" · "));
        return """
                <!DOCTYPE html>
                <html lang="en"><body style="font-family:sans-serif;color:#333238">
                <h2 style="border-left:6px solid %s;padding-left:10px;font-size:18px">%s</h2>
                <table style="border-collapse:collapse">
                %s
                </table>
                %s
                %s
                %s
                <p>%s</p>
                </body></html>
                """.formatted(wording.colour(), Html.escaped(wording.headline()), facts, problem, now, next, links);
    }
}
