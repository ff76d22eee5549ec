package dev.gitopsexecutor.notify;

import java.time.Duration;

/**
 * How long is tried to deliver.
 *
 * @param budget for one message to one notifier, with everything
 * @param attempt for one attempt
 * @param firstPause before the second attempt; each later one is twice as long
 */
public record DeliveryTimes(Duration budget, Duration attempt, Duration firstPause) {
    /** A job waits for its last message so long at most. */
    public static DeliveryTimes defaults() {
        return new DeliveryTimes(Duration.ofSeconds(10), Duration.ofSeconds(4), Duration.ofMillis(500));
    }
}
