package dev.gitopsexecutor.notify;

import java.time.Duration;

/** One message on its way to one notifier. */
sealed interface Channel extends AutoCloseable permits EmailChannel, SlackChannel, TelegramChannel, WebhookChannel {
    /** Tries once. Blocks for {@code timeout} at most, but for the name of a host that nobody resolves. */
    Attempt send(Duration timeout) throws InterruptedException;

    @Override
    void close();
}
