package dev.gitopsexecutor.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.identity.TestIdentities;
import dev.gitopsexecutor.model.ImageRef;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PolicyCaseTest {
    private static final Instant NOW = Instant.parse("2026-11-24T04:00:00Z");
    private static final Freeze ALWAYS = new Freeze(
            "always",
            new Freeze.Once(LocalDateTime.of(1900, 1, 1, 0, 0), LocalDateTime.of(2900, 1, 1, 0, 0)),
            ZoneOffset.UTC);
    private static final EnvironmentRule RULE = new RuleBuilder("production")
            .freeze(ALWAYS)
            .breakGlass(new People(Set.of(42L), Set.of()))
            .build();
    private static final Policy POLICY = new Policy(Map.of(RULE.name(), RULE));

    @Test
    void looksAtNoFreezeWithoutATime() {
        assertThat(failure(Map.of(), Optional.empty(), Optional.empty())).isEmpty();
        assertThat(failure(Map.of(), Optional.of(NOW), Optional.empty(), "freeze"))
                .isEmpty();
        assertThat(failure(Map.of(), Optional.of(NOW), Optional.empty()))
                .contains("wanted: allowed; it is denied by freeze");
    }

    @Test
    void seesBrokenGlass() {
        assertThat(failure(Map.of(), Optional.of(NOW), Optional.of("checkout is down")))
                .isEmpty();
        assertThat(failure(Map.of("user_id", "43"), Optional.of(NOW), Optional.of("checkout is down"), "freeze"))
                .isEmpty();
    }

    @Test
    void wantsExactlyTheChecksThatItNames() {
        Map<String, String> other = Map.of("project_id", "23", "ref_protected", "false");

        assertThat(failure(other, Optional.empty(), Optional.empty(), "project", "ref_protected"))
                .isEmpty();
        assertThat(failure(other, Optional.empty(), Optional.empty(), "project"))
                .contains("wanted: denied by project; it is denied by project, ref_protected");
        assertThat(failure(Map.of(), Optional.empty(), Optional.empty(), "project"))
                .contains("wanted: denied by project; it is allowed");
    }

    private static Optional<String> failure(
            Map<String, String> claims, Optional<Instant> time, Optional<String> glass, String... denials) {
        return new PolicyCase(
                        "case",
                        TestIdentities.with(claims),
                        ImageRef.parse("gitops-executor/job:1"),
                        time,
                        glass,
                        Set.of(denials))
                .failure(POLICY);
    }
}
