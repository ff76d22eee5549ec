package dev.gitopsexecutor.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.identity.Finding;
import dev.gitopsexecutor.identity.JobClaims;
import dev.gitopsexecutor.identity.TestIdentities;
import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.model.ImageRef;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SecretAgeRuleTest {
    private static final SecretAgeRule BLOCKING = new SecretAgeRule(
            Duration.ofDays(75), Duration.ofDays(83), Duration.ofDays(90), Optional.of(Duration.ofDays(180)));

    /** Each age is reached at its very day, and not a nanosecond before; {@code next} is the day of the next one. */
    @ParameterizedTest
    @CsvSource({
        "0,   FRESH,   75,  NOTICE",
        "75,  NOTICE,  83,  FRESH",
        "83,  WARN,    90,  NOTICE",
        "90,  OVERDUE, 180, WARN",
        "180, BLOCKED, ,    OVERDUE",
    })
    void eachStateBeginsAtItsDay(long days, SecretAge state, Long next, SecretAge before) {
        Duration age = Duration.ofDays(days);

        assertThat(BLOCKING.of(age)).isEqualTo(state);
        assertThat(BLOCKING.next(age)).isEqualTo(Optional.ofNullable(next).map(Duration::ofDays));
        if (days > 0) {
            assertThat(BLOCKING.of(age.minusNanos(1))).isEqualTo(before);
            assertThat(BLOCKING.next(age.minusNanos(1))).contains(age);
        }
    }

    @Test
    void nothingIsBlockedByDefault() {
        assertThat(SecretAgeRule.DEFAULT.of(Duration.ofDays(100_000))).isEqualTo(SecretAge.OVERDUE);
        assertThat(SecretAgeRule.DEFAULT.next(Duration.ofDays(90))).isEmpty();
        assertThat(SecretAgeRule.DEFAULT)
                .isEqualTo(new SecretAgeRule(
                        Duration.ofDays(75), Duration.ofDays(83), Duration.ofDays(90), Optional.empty()));
    }

    @Test
    void mayBlockAsSoonAsItIsOverdue() {
        var rule = new SecretAgeRule(
                Duration.ofDays(1), Duration.ofDays(2), Duration.ofDays(3), Optional.of(Duration.ofDays(3)));

        assertThat(rule.of(Duration.ofDays(3))).isEqualTo(SecretAge.BLOCKED);
    }

    @Test
    void refusesSecretsOfTheBlockedAgeByName() {
        SortedMap<String, Duration> ages = ages(Map.of("A", 180, "B", 179, "C", 400));

        Denied denied = Policy.decideSecretAges(allowed(BLOCKING), ages).orElseThrow();

        assertThat(denied.reasons())
                .extracting(Finding::sentence)
                .containsExactly(
                        "secret_age: A is 180 days old; wanted: less than 180 days",
                        "secret_age: C is 400 days old; wanted: less than 180 days");
        assertThat(denied.reasons().getFirst().next())
                .isEqualTo(
                        "Write a new value in Vault, or have an operator break the glass (`gitops-executor break-glass`).");
        assertThat(Policy.decideSecretAges(allowed(BLOCKING), ages(Map.of("B", 179))))
                .isEmpty();
        assertThat(Policy.decideSecretAges(allowed(BLOCKING), ages(Map.of()))).isEmpty();
        assertThat(Policy.decideSecretAges(allowed(SecretAgeRule.DEFAULT), ages))
                .isEmpty();
    }

    @Test
    void refusesNothingWhenTheGlassIsBroken() {
        Allowed broken = allowed(BLOCKING, Optional.of("checkout is down"));

        assertThat(Policy.decideSecretAges(broken, ages(Map.of("A", 400)))).isEmpty();
    }

    @Test
    void isNamedAmongTheLaterChecksWhereItMayRefuse() {
        assertThat(later(new RuleBuilder("production").secretAge(BLOCKING)))
                .containsSubsequence("release_image", "secret_age", "promotes_from", "env_keys");
        assertThat(later(new RuleBuilder("production").withoutPromotion()))
                .contains("release_image")
                .doesNotContain("secret_age", "promotes_from", "env_keys");
    }

    private static List<String> later(RuleBuilder rule) {
        JobClaims job = TestIdentities.with(Map.of());
        return policy(rule).laterChecks(job, Optional.empty());
    }

    private static Allowed allowed(SecretAgeRule rule) {
        return allowed(rule, Optional.empty());
    }

    private static Allowed allowed(SecretAgeRule rule, Optional<String> glass) {
        Policy policy =
                policy(new RuleBuilder("production").secretAge(rule).breakGlass(new People(Set.of(42L), Set.of())));
        var now = new Circumstances(ImageRef.parse("gitops-executor/job:1"), List.of(), Instant.EPOCH, glass);
        return (Allowed) policy.decide(TestIdentities.with(Map.of()), now);
    }

    private static Policy policy(RuleBuilder rule) {
        return new Policy(Map.of(new EnvironmentName("production"), rule.build()));
    }

    private static SortedMap<String, Duration> ages(Map<String, Integer> days) {
        SortedMap<String, Duration> ages = new TreeMap<>();
        days.forEach((name, age) -> ages.put(name, Duration.ofDays(age)));
        return ages;
    }
}
