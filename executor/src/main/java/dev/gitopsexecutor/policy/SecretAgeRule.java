package dev.gitopsexecutor.policy;

import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How old the value of a secret may be; each age is reached when the value is exactly that old.
 *
 * @param notice less than {@code warn}
 * @param warn less than {@code overdue}
 * @param overdue when it should have been replaced
 * @param block from when on nothing is deployed with it, not before {@code overdue}; never when empty
 */
public record SecretAgeRule(Duration notice, Duration warn, Duration overdue, Optional<Duration> block) {
    /** Quarterly, with a fortnight to plan in and a week to act in. */
    public static final SecretAgeRule DEFAULT =
            new SecretAgeRule(Duration.ofDays(75), Duration.ofDays(83), Duration.ofDays(90), Optional.empty());

    public SecretAge of(Duration age) {
        if (block.filter(limit -> reached(limit, age)).isPresent()) {
            return SecretAge.BLOCKED;
        }
        if (reached(overdue, age)) {
            return SecretAge.OVERDUE;
        }
        if (reached(warn, age)) {
            return SecretAge.WARN;
        }
        return reached(notice, age) ? SecretAge.NOTICE : SecretAge.FRESH;
    }

    /** The age at which it becomes worse; empty when it cannot. */
    public Optional<Duration> next(Duration age) {
        return Stream.concat(Stream.of(notice, warn, overdue), block.stream())
                .filter(limit -> !reached(limit, age))
                .findFirst();
    }

    private static boolean reached(Duration limit, Duration age) {
        return age.compareTo(limit) >= 0;
    }
}
