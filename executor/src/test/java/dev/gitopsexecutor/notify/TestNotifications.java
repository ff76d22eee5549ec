package dev.gitopsexecutor.notify;

import dev.gitopsexecutor.model.CommitSha;
import dev.gitopsexecutor.model.DeployEvent;
import dev.gitopsexecutor.model.EnvironmentName;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Notifications of a release of the shop. */
public final class TestNotifications {
    private static final CommitSha SHA = new CommitSha("4c300d29c32b7e55210788f6835f3f000dc9cc7a");

    private TestNotifications() {}

    public static Notification of(DeployEvent event) {
        return with(event, "Say prices with tax", Optional.empty());
    }

    public static Notification failed() {
        return with(DeployEvent.FAILED, "Say prices with tax", Optional.of(problem("web-1: health was 503")));
    }

    static Notification.Problem problem(String sentence) {
        return new Notification.Problem("CHECK_FAILED", sentence, "Read the lines of the container above.");
    }

    static Notification with(DeployEvent event, String title, Optional<Notification.Problem> problem) {
        return new Notification(
                event,
                false,
                new EnvironmentName("production"),
                "production",
                "acme/shop",
                Optional.of("app 1.4.2"),
                Optional.of("app 1.4.1"),
                Optional.of(new Notification.Commit(SHA, Optional.of(title), Optional.of("Dana Doe"))),
                "dana",
                new Notification.Links(
                        Optional.of(URI.create("https://gitlab.example.com/acme/shop/-/pipelines/9102")),
                        Optional.of(URI.create("https://gitlab.example.com/acme/shop/-/jobs/102")),
                        Optional.of(URI.create("https://gitlab.example.com/acme/shop/-/jobs/102/artifacts?a=1&b=2"))),
                Optional.of(Duration.ofMillis(83_400)),
                List.of("web-1", "web-2"),
                problem,
                problem.map(_ -> "Every host runs app 1.4.1 again, proven."));
    }

    /** Every text of it is {@code text}. */
    static Notification hostile(String text) {
        return new Notification(
                DeployEvent.FAILED,
                false,
                new EnvironmentName("production"),
                text,
                text,
                Optional.of(text),
                Optional.of(text),
                Optional.of(new Notification.Commit(SHA, Optional.of(text), Optional.of(text))),
                text,
                new Notification.Links(
                        Optional.of(URI.create("javascript:alert(1)")),
                        Optional.of(URI.create("https://gitlab.example.com/%3Cb%3E?x=%22&y='")),
                        Optional.empty()),
                Optional.of(Duration.ofSeconds(1)),
                List.of(text),
                Optional.of(new Notification.Problem(text, text + "\n" + text, text)),
                Optional.of(text));
    }
}
