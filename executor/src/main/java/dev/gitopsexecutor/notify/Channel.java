package dev.gitopsexecutor.notify;

import java.time.Duration;

/** One message on its way to one notifier. */
sealed interface Channel extends AutoCloseable permits EmailChannel, SlackChannel, TelegramChannel, WebhookChannel {
    /**
     * Tries once. Blocks until the other side has answered. Of HTTP, {@code timeout} is for the whole of that; of e-mail, for
     * the connection and for each reply and write, so a server that goes on slowly takes longer. An interruption ends either.
     */
    Attempt send(Duration timeout) throws InterruptedException;

    @Override
    void close();
}
