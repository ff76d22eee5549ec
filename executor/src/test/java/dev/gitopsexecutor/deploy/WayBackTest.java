package dev.gitopsexecutor.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.identity.TestIdentities;
import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.policy.Allowed;
import dev.gitopsexecutor.policy.Circumstances;
import dev.gitopsexecutor.policy.EnvironmentRule;
import dev.gitopsexecutor.policy.People;
import dev.gitopsexecutor.policy.Policy;
import dev.gitopsexecutor.policy.RuleBuilder;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class WayBackTest {
    private static final String CURRENT = HostStateTest.current(2)
            + HostStateTest.release(Releases.verified(1))
            + HostStateTest.release(Releases.verified(2));

    @Test
    void missesWhatTheLastVerifiedReleaseNeedsAlone() {
        assertThat(WayBack.missing(HostState.parse(CURRENT), List.of()))
                .containsOnly(Map.entry(Releases.APP, Releases.image(2)));
        assertThat(WayBack.missing(HostState.parse(CURRENT + have("registry.test/shop/app", "<none>", 2)), List.of()))
                .isEmpty();
        assertThat(WayBack.missing(HostState.parse(CURRENT + have("registry.test/other", "v2", 2)), List.of()))
                .as("the same image by another name cannot be started")
                .hasSize(1);
        assertThat(WayBack.missing(HostState.parse(""), List.of()))
                .as("a first deploy")
                .isEmpty();
        assertThat(WayBack.missing(HostState.parse(CURRENT), List.of(Releases.image(2))))
                .as("pulled since the state was read")
                .isEmpty();
    }

    @Test
    void knowsImagesOfTheDefaultRegistryByTheNameThatEnginesUse() {
        ImageStock stock = ImageStock.parse("have nginx 1 sha256:%s\nhave\nhave a b c\n".formatted("1".repeat(64)));
        assertThat(stock.has(ImageRef.parse("docker.io/library/nginx:1@sha256:" + "1".repeat(64))))
                .isTrue();
        assertThat(stock.digest(ImageRef.parse("nginx:1"))).isPresent();
        assertThat(stock.digest(ImageRef.parse("nginx:2"))).isEmpty();
    }

    @Test
    void isRequiredUnlessThePolicyOrABrokenGlassSaysOtherwise() {
        assertThat(input(true, Optional.empty()).needsWayBack()).isTrue();
        assertThat(input(false, Optional.empty()).needsWayBack()).isFalse();
        assertThat(input(true, Optional.of("the shop is down")).needsWayBack()).isFalse();
    }

    private static DeployInput input(boolean required, Optional<String> brokenGlass) {
        EnvironmentName name = new EnvironmentName("production");
        EnvironmentRule rule = new RuleBuilder("production")
                .breakGlass(new People(Set.of(42L), Set.of()))
                .wayBackRequired(required)
                .build();
        var now = new Circumstances(
                ImageRef.parse("gitops-executor/job:1"), List.of(), Instant.parse("2026-01-01T00:00:00Z"), brokenGlass);
        Allowed allowed = (Allowed) new Policy(Map.of(name, rule)).decide(TestIdentities.with(Map.of()), now);
        return new DeployInput(
                allowed,
                Origin.of(allowed.identity()),
                new DeploySpec(
                        "compose.yaml",
                        Releases.verified(1).project(),
                        Releases.verified(1).images(),
                        new TreeMap<>(),
                        Releases.verified(1).checks(),
                        "/health",
                        SchemaSpec.NONE,
                        new TreeSet<>(),
                        List.of()),
                new DeployInput.Gate() {
                    @Override
                    public void require(Collection<ImageRef> images) {}

                    @Override
                    public void enter(RunningVersion release, Map<HostName, Optional<String>> current) {}
                },
                Optional.empty());
    }

    private static String have(String repository, String tag, int digit) {
        return "have %s %s sha256:%s\n"
                .formatted(repository, tag, Integer.toString(digit).repeat(64));
    }
}
