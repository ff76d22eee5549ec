package dev.gitopsexecutor.notify;

import dev.gitopsexecutor.io.PlainText;
import dev.gitopsexecutor.model.DeployEvent;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** A notification in words that all channels share; cleaned and cut, not escaped. */
final class Wording {
    /** Of a word such as a project's path. */
    private static final int WORD = 150;

    private static final int HEADLINE = 300;
    private static final int FACT = 200;
    private static final int PROBLEM_LINES = 8;
    private static final int PROBLEM = 900;
    private static final int SENTENCE = 300;
    private static final int URL = 1000;

    private final Notification notification;

    Wording(Notification notification) {
        this.notification = notification;
    }

    /** One thing that is known, on one line. */
    record Fact(String label, String value) {}

    /** Where to read more. */
    record Link(String label, URI url) {}

    String headline() {
        String what = named(notification.version());
        String where = notification.environment().value();
        String sentence = switch (notification.event()) {
            case STARTED -> "Deploying %s to %s".formatted(what, where);
            case SUCCEEDED -> "%s is deployed to %s".formatted(what, where);
            case FAILED ->
                "Deploying %s to %s %s".formatted(what, where, notification.isCanceled() ? "was canceled" : "failed");
            case ROLLED_BACK ->
                notification.problem().isPresent()
                        ? notification.isCanceled()
                                ? "Deploying %s to %s was canceled, the earlier release is back".formatted(what, where)
                                : "Deploying %s to %s failed, the earlier release is back".formatted(what, where)
                        : "%s is back on %s, on purpose".formatted(what, where);
            case DENIED -> "Deploying %s to %s was denied".formatted(what, where);
            case DRIFT -> "%s on %s is no longer what was proven".formatted(what, where);
        };
        return cut((notification.isTest() ? "[test] " : "") + sentence, HEADLINE);
    }

    private String named(Optional<String> version) {
        String project = line(notification.project(), WORD);
        return version.map(text -> project + " " + line(text, WORD - 50)).orElse(project);
    }

    List<Fact> facts() {
        List<Fact> facts = new ArrayList<>();
        facts.add(new Fact(
                "Environment",
                "%s (%s)".formatted(notification.environment().value(), line(notification.tier(), WORD))));
        notification.version().ifPresent(version -> facts.add(new Fact("Version", line(version, FACT))));
        notification.previous().ifPresent(previous -> facts.add(new Fact("Before", line(previous, FACT))));
        notification.commit().ifPresent(commit -> facts.add(new Fact("Commit", described(commit))));
        facts.add(new Fact("Started by", line(notification.startedBy(), WORD)));
        if (!notification.hosts().isEmpty()) {
            facts.add(new Fact("Hosts", line(String.join(", ", notification.hosts()), FACT)));
        }
        notification.took().ifPresent(took -> facts.add(new Fact("Took", shown(took))));
        return facts;
    }

    /** What failed, on up to 8 lines; empty when nothing did. */
    Optional<String> problem() {
        return notification.problem().map(problem -> {
            String lines = PlainText.lastLines(problem.sentence(), Integer.MAX_VALUE).stream()
                    .limit(PROBLEM_LINES)
                    .collect(Collectors.joining("\n"));
            return "%s [%s]".formatted(cut(lines, PROBLEM), line(problem.code(), WORD));
        });
    }

    Optional<String> next() {
        return notification.problem().map(problem -> sentence(problem.next()));
    }

    Optional<String> now() {
        return notification.now().map(Wording::sentence);
    }

    /** The links that a browser can follow. */
    List<Link> links() {
        List<Link> links = new ArrayList<>();
        notification.links().report().ifPresent(url -> links.add(new Link("Report", url)));
        notification.links().job().ifPresent(url -> links.add(new Link("Job", url)));
        notification.links().pipeline().ifPresent(url -> links.add(new Link("Pipeline", url)));
        links.removeIf(link -> !isWeb(link.url()));
        return links;
    }

    /** As {@code #rrggbb}. */
    String colour() {
        return switch (notification.event()) {
            case SUCCEEDED -> "#2da160";
            case STARTED -> "#1f75cb";
            case FAILED, DRIFT -> "#dd2b0e";
            case ROLLED_BACK -> notification.problem().isPresent() ? "#dd2b0e" : "#c17d10";
            case DENIED -> "#c17d10";
        };
    }

    static String word(DeployEvent event) {
        return event.name().toLowerCase(Locale.ROOT);
    }

    static boolean isWeb(URI url) {
        return ("https".equals(url.getScheme()) || "http".equals(url.getScheme()))
                && url.toString().length() <= URL;
    }

    /** One line of foreign text, at most {@code limit} characters long. */
    static String line(String text, int limit) {
        return cut(PlainText.line(text.replaceAll("\\s+", " ").strip()), limit);
    }

    /** Never ends in half a character. */
    static String cut(String text, int limit) {
        if (text.length() <= limit) {
            return text;
        }
        int end = limit - 1;
        return text.substring(0, Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end) + "…";
    }

    /** {@code 1 h 2 min}, {@code 3 min 5 s}, {@code 4.2 s}. */
    static String shown(Duration took) {
        if (took.toHours() > 0) {
            return "%d h %d min".formatted(took.toHours(), took.toMinutesPart());
        }
        if (took.toMinutes() > 0) {
            return "%d min %d s".formatted(took.toMinutes(), took.toSecondsPart());
        }
        return String.format(Locale.ROOT, "%.1f s", took.toMillis() / 1000.0);
    }

    private static String sentence(String text) {
        return cut(PlainText.sentence(text), SENTENCE);
    }

    private static String described(Notification.Commit commit) {
        String title = commit.title().map(text -> " " + line(text, 100)).orElse("");
        String author = commit.author().map(text -> " (" + line(text, 60) + ")").orElse("");
        return commit.sha().abbreviated() + title + author;
    }
}
