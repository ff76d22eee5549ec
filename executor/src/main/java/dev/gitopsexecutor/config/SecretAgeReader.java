package dev.gitopsexecutor.config;

import dev.gitopsexecutor.policy.SecretAgeRule;
import java.time.Duration;
import java.util.Optional;

/** The keys below {@code secret_age} of an environment. */
final class SecretAgeReader {
    private static final YamlType<Long> DAYS = YamlType.integer(1, 3650);

    private SecretAgeReader() {}

    static Optional<SecretAgeRule> read(YamlMap map) {
        int before = map.problems().count();
        long notice =
                map.optional("notice_days", DAYS, SecretAgeRule.DEFAULT.notice().toDays());
        long warn = map.optional("warn_days", DAYS, SecretAgeRule.DEFAULT.warn().toDays());
        long overdue = map.optional(
                "overdue_days", DAYS, SecretAgeRule.DEFAULT.overdue().toDays());
        Optional<Long> block = map.optional("block_days", DAYS);
        if (notice >= warn) {
            map.problem("notice_days", "%d is not less than warn_days, %d".formatted(notice, warn));
        }
        if (warn >= overdue) {
            map.problem("warn_days", "%d is not less than overdue_days, %d".formatted(warn, overdue));
        }
        block.filter(days -> days < overdue)
                .ifPresent(
                        days -> map.problem("block_days", "%d is less than overdue_days, %d".formatted(days, overdue)));
        map.end();
        return map.problems()
                .ifNoneSince(
                        before,
                        () -> new SecretAgeRule(
                                Duration.ofDays(notice),
                                Duration.ofDays(warn),
                                Duration.ofDays(overdue),
                                block.map(Duration::ofDays)));
    }
}
