package dev.gitopsexecutor.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.identity.TestIdentities;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.policy.PolicyTest.Reason;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which images a job's containers may run, by name before anything is asked and by digest afterwards. */
class ImageRuleTest {
    private static final String ONE = "@sha256:" + "1".repeat(64);
    private static final String TWO = "@sha256:" + "2".repeat(64);
    private static final ImageRule RULE = ImageRule.of("ci/job:1", "reg.test/ci/job" + ONE, "reg.test/ci/both:3" + ONE);

    @ParameterizedTest
    @CsvSource({
        "ci/job:1,            true",
        "ci/job:2,            false",
        "ci/job,              false",
        "ci/job:1 ONE,        false",
        "ci/other:1,          false",
        "reg.test/ci/job:9,   true",
        "reg.test/ci/job,     true",
        "reg.test/ci/job ONE, true",
        "reg.test/ci/job:9 ONE, true",
        "reg.test/ci/job TWO, false",
        "reg.test/ci/both:3,  true",
        "reg.test/ci/both:4,  true",
        "evil.test/ci/job ONE, false"
    })
    void nameCanBeAllowed(String written, boolean expected) {
        assertThat(RULE.mayAllow(image(written))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "ci/job:1,            ci/job:1,              true",
        "ci/job:1,            ci/job:1 TWO,          true",
        "reg.test/ci/job:9,   reg.test/ci/job:9 ONE, true",
        "reg.test/ci/job:9,   reg.test/ci/job:9 TWO, false",
        "reg.test/ci/job:9,   reg.test/ci/job:9,     false",
        "reg.test/ci/both:3,  reg.test/ci/both:3 TWO, false",
        "reg.test/ci/both:4,  reg.test/ci/both:4 ONE, true",
        "evil.test/ci/job:1,  evil.test/ci/job:1 ONE, false"
    })
    void imageIsAllowed(String written, String resolved, boolean expected) {
        assertThat(RULE.allows(image(written), image(resolved))).isEqualTo(expected);
    }

    @Test
    void anEmptyListAllowsNothing() {
        assertThat(ImageRule.NONE.mayAllow(image("ci/job:1"))).isFalse();
        assertThat(ImageRule.NONE.allows(image("ci/job:1"), image("ci/job:1 ONE")))
                .isFalse();
    }

    @Test
    void everyImageIsDecidedByItsDigest() {
        Allowed allowed = allowed("reg.test/ci/job:1", "reg.test/ci/db:1", "reg.test/ci/cache:1");

        assertThat(Policy.decideJobImages(
                        allowed,
                        image("reg.test/ci/job:1 ONE"),
                        List.of(image("reg.test/ci/db:1 ONE"), image("reg.test/ci/cache:1 TWO"))))
                .isEmpty();
        assertThat(Policy.decideJobImages(
                                allowed,
                                image("reg.test/ci/job:1 TWO"),
                                List.of(image("reg.test/ci/db:1"), image("reg.test/ci/cache:1 ONE")))
                        .orElseThrow()
                        .reasons())
                .extracting(Reason::of)
                .containsExactly(
                        new Reason(
                                "job_image",
                                "reg.test/ci/job:1, which is " + TWO.substring(1),
                                "reg.test/ci/job" + ONE),
                        new Reason(
                                "services",
                                "reg.test/ci/db:1, which is in no registry and so has no digest",
                                "one of reg.test/ci/db%s, reg.test/ci/cache%s".formatted(ONE, TWO)),
                        new Reason(
                                "services",
                                "reg.test/ci/cache:1, which is " + ONE.substring(1),
                                "one of reg.test/ci/db%s, reg.test/ci/cache%s".formatted(ONE, TWO)));
    }

    @Test
    void atMostFiveServices() {
        String[] six = new String[6];
        Arrays.fill(six, "reg.test/ci/db:1");

        assertThat(decide("reg.test/ci/job:1", six))
                .isInstanceOfSatisfying(
                        Denied.class,
                        denied -> assertThat(denied.reasons())
                                .extracting(Reason::of)
                                .singleElement()
                                .satisfies(reason ->
                                        assertThat(reason.wanted()).startsWith("none, or at most 5 of one of")));
        assertThat(decide("reg.test/ci/job:1", Arrays.copyOf(six, 5))).isInstanceOf(Allowed.class);
    }

    private static Allowed allowed(String jobImage, String... services) {
        return (Allowed) decide(jobImage, services);
    }

    private static Decision decide(String jobImage, String... services) {
        EnvironmentRule rule = new RuleBuilder("production")
                .jobImages("reg.test/ci/job" + ONE)
                .services("reg.test/ci/db" + ONE, "reg.test/ci/cache" + TWO)
                .build();
        var now = new Circumstances(
                image(jobImage),
                Arrays.stream(services).map(ImageRuleTest::image).toList(),
                Instant.parse("2026-11-24T04:00:00Z"),
                Optional.empty());
        return new Policy(Map.of(rule.name(), rule)).decide(TestIdentities.with(Map.of()), now);
    }

    private static ImageRef image(String text) {
        return ImageRef.parse(text.replace(" ONE", ONE).replace(" TWO", TWO));
    }
}
