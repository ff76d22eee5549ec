package dev.gitopsexecutor.notify;

import static java.util.Objects.requireNonNullElse;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Shown;
import dev.gitopsexecutor.io.PlainText;
import dev.gitopsexecutor.model.NotifierName;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Sends messages to all whom they are for at once. What fails is said; nothing of it is ever an exception. */
public final class Notifiers {
    private static final int MOST_ATTEMPTS = 4;
    private static final Duration SHORTEST_ATTEMPT = Duration.ofMillis(100);

    /** That a delivery may end itself, before it is ended. */
    private static final Duration GRACE = Duration.ofMillis(500);

    private static final String NOT_A_URL =
            "its URL is none that can be posted to: https, or http on a loopback address";

    private final SortedMap<NotifierName, NotifierSettings> known;
    private final OwnSecrets secrets;
    private final InstantSource clock;
    private final DeliveryTimes times;

    public Notifiers(
            SortedMap<NotifierName, NotifierSettings> known,
            OwnSecrets secrets,
            InstantSource clock,
            DeliveryTimes times) {
        this.known = known;
        this.secrets = secrets;
        this.clock = clock;
        this.times = times;
    }

    /** Begins to tell everybody; does not block. */
    public Sending send(Notification notification, List<Addressee> addressees) {
        Map<NotifierName, FutureTask<Told>> tasks = new LinkedHashMap<>();
        for (Addressee addressee : addressees) {
            FutureTask<Told> task =
                    new FutureTask<>(() -> new Told(addressee.name(), deliver(notification, addressee)));
            tasks.put(addressee.name(), task);
            Thread.ofVirtual().name("notify " + addressee.name()).start(task);
        }
        return new Sending(tasks, clock.instant().plus(times.budget()).plus(GRACE));
    }

    /** Messages on their way. */
    public final class Sending {
        private final Map<NotifierName, FutureTask<Told>> tasks;
        private final Instant end;

        private Sending(Map<NotifierName, FutureTask<Told>> tasks, Instant end) {
            this.tasks = tasks;
            this.end = end;
        }

        /** Blocks until every message is there or given up, for little more than the budget at most. */
        public List<Told> await() throws InterruptedException {
            List<Told> told = new ArrayList<>();
            for (Map.Entry<NotifierName, FutureTask<Told>> entry : tasks.entrySet()) {
                told.add(await(entry.getKey(), entry.getValue()));
            }
            return told;
        }

        private Told await(NotifierName name, FutureTask<Told> task) throws InterruptedException {
            try {
                long left = Math.max(0, Duration.between(clock.instant(), end).toMillis());
                return task.get(left, TimeUnit.MILLISECONDS);
            } catch (TimeoutException late) {
                // Its thread reads a socket, which the interruption closes.
                task.cancel(true);
                return new Told(name, Optional.of("no end of it in " + Wording.shown(times.budget())));
            } catch (ExecutionException failed) {
                // Its class alone: the message of what nobody foresaw may have anything in it.
                Throwable bug = requireNonNullElse(failed.getCause(), failed);
                return new Told(
                        name,
                        Optional.of("a bug of gitops-executor: %s"
                                .formatted(bug.getClass().getName())));
            }
        }
    }

    private Optional<String> deliver(Notification notification, Addressee addressee) throws InterruptedException {
        NotifierSettings settings = known.get(addressee.name());
        if (settings == null) {
            return Optional.of("executor.yaml has no such notifier");
        }
        Instant begin = clock.instant();
        try (Channel channel = open(settings, notification, addressee)) {
            return attempts(channel, begin);
        } catch (ExecutorException unreadable) {
            return Optional.of("its secret cannot be read: "
                    + PlainText.sentence(unreadable.failure().saw()));
        } catch (UnusableSecret unusable) {
            return Optional.of(unusable.saw);
        } catch (IOException noCertificates) {
            return Optional.of("its ca_file cannot be read: %s"
                    .formatted(
                            Shown.plain(settings.caFile().map(Object::toString).orElse(""))));
        }
    }

    private Optional<String> attempts(Channel channel, Instant begin) throws InterruptedException {
        Instant end = begin.plus(times.budget());
        Duration pause = times.firstPause();
        for (int number = 1; ; number++) {
            Duration left = Duration.between(clock.instant(), end);
            Duration timeout = left.compareTo(times.attempt()) < 0 ? left : times.attempt();
            switch (channel.send(timeout)) {
                case Attempt.Told _ -> {
                    return Optional.empty();
                }
                case Attempt.Refused(String saw) -> {
                    return Optional.of(number == 1 ? saw : "%s (attempt %d)".formatted(saw, number));
                }
                case Attempt.Failed(String saw, Optional<Duration> wait) -> {
                    // Between half of it and all: many jobs that end together do not come back together.
                    long most = pause.toMillis();
                    Duration jittered =
                            Duration.ofMillis(ThreadLocalRandom.current().nextLong(most / 2, most + 1));
                    Duration rest =
                            wait.filter(asked -> asked.compareTo(jittered) > 0).orElse(jittered);
                    Instant now = clock.instant();
                    if (number == MOST_ATTEMPTS
                            || rest.plus(SHORTEST_ATTEMPT).compareTo(Duration.between(now, end)) > 0) {
                        return Optional.of(givenUp(saw, number, Duration.between(begin, now), wait));
                    }
                    Thread.sleep(rest);
                    pause = pause.multipliedBy(2);
                }
            }
        }
    }

    private static String givenUp(String saw, int attempts, Duration took, Optional<Duration> wait) {
        String often = switch (attempts) {
            case 1 -> "";
            case 2 -> " at the second attempt";
            case 3 -> " at the third attempt";
            default -> " at attempt %d".formatted(attempts);
        };
        String asks = wait.map(asked -> ", which asks to wait %d s".formatted(asked.toSeconds()))
                .orElse("");
        return "%s%s%s, after %s".formatted(saw, asks, often, Wording.shown(took));
    }

    /** Found when it is read; it is not shown. */
    private static final class UnusableSecret extends Exception {
        private static final long serialVersionUID = 1L;

        private final String saw;

        UnusableSecret(String saw) {
            super(saw);
            this.saw = saw;
        }
    }

    private Channel open(NotifierSettings settings, Notification notification, Addressee addressee)
            throws IOException, UnusableSecret {
        Optional<String> secret =
                settings.secret().map(place -> secrets.read(place).reveal());
        return switch (settings) {
            case NotifierSettings.Slack slack -> {
                URI url = secretUrl(secret.orElseThrow());
                yield new SlackChannel(post(slack), url, notification, addressee.mentions());
            }
            case NotifierSettings.Telegram telegram -> {
                if (!TelegramChannel.TOKEN.matcher(secret.orElseThrow()).matches()) {
                    throw new UnusableSecret("its token is not one of a bot, such as 123456:ABC…");
                }
                yield new TelegramChannel(
                        post(telegram), telegram, secret.orElseThrow(), notification, addressee.mentions());
            }
            case NotifierSettings.Webhook webhook ->
                new WebhookChannel(
                        post(webhook), webhook.url(), secret.orElseThrow(), notification, addressee.mentions(), clock);
            case NotifierSettings.Email email ->
                new EmailChannel(email, secret, notification, addressee.mentions(), clock);
        };
    }

    private HttpPost post(NotifierSettings settings) throws IOException {
        return new HttpPost(settings.caFile(), clock);
    }

    private static URI secretUrl(String text) throws UnusableSecret {
        try {
            URI url = new URI(text);
            if (url.getHost() != null
                    && url.getRawUserInfo() == null
                    && ("https".equals(url.getScheme())
                            || ("http".equals(url.getScheme()) && isLoopback(url.getHost())))) {
                return url;
            }
        } catch (URISyntaxException malformed) {
            throw new UnusableSecret(NOT_A_URL);
        }
        throw new UnusableSecret(NOT_A_URL);
    }

    private static boolean isLoopback(String host) {
        try {
            return host.equals("localhost") || InetAddress.ofLiteral(host).isLoopbackAddress();
        } catch (IllegalArgumentException name) {
            return false;
        }
    }
}
