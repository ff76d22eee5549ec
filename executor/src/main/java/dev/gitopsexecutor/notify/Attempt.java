package dev.gitopsexecutor.notify;

import java.time.Duration;
import java.util.Optional;

/** How one attempt to deliver ended. {@code saw} is a sentence without its full stop, and has no secret in it. */
sealed interface Attempt {
    /** The message is there. */
    record Told() implements Attempt {}

    /**
     * It may work later.
     *
     * @param retryAfter how long the other side asks to be left alone
     */
    record Failed(String saw, Optional<Duration> retryAfter) implements Attempt {
        Failed(String saw) {
            this(saw, Optional.empty());
        }
    }

    /** It would end so again. */
    record Refused(String saw) implements Attempt {}
}
