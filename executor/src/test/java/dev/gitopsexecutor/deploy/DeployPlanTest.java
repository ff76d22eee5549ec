package dev.gitopsexecutor.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.io.Sha256;
import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.ServiceName;
import dev.gitopsexecutor.secrets.SecretValue;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DeployPlanTest {
    private static final String COMPOSE = "services:\n  app:\n    image: registry.test/shop/app\n";
    private static final String NONCE = "00ff";

    @Test
    void tellsWhatChangesOnceForHostsWhereItIsTheSame() {
        HostSurvey old = survey(1, COMPOSE, Map.of("KEPT", "same", "GONE", "x", "OTHER", "before"), Map.of());
        WantedRelease wanted = new WantedRelease(
                new TreeMap<>(Map.of(Releases.APP, Releases.image(2), new ServiceName("cache"), Releases.image(3))),
                new CheckSpec(URI.create("http://127.0.0.1:8080/up"), Duration.ofSeconds(30), Optional.empty()),
                COMPOSE + "    read_only: true\n",
                variables(Map.of("KEPT", "same", "NEW", "y", "OTHER", "after")),
                Releases.verified(1).origin().sha(),
                SchemaSpec.NONE,
                Optional.empty());

        DeployPlan plan = plan(wanted, "web-1", old, "web-2", old, "web-3", nothing());

        assertThat(plan.changesNothing()).isFalse();
        assertThat(plan.lines()).containsExactly("""
                web-1, web-2: v1 (111111111111) -> v2, v3 (222222222222, 333333333333)
                  app: v1 (111111111111) -> v2 (222222222222)
                  cache: new, registry.test/shop/app:v3 (333333333333)
                  compose.yaml:
                    @@ -2,2 +2,3 @@
                       app:
                         image: registry.test/shop/app
                    +    read_only: true
                  variables added: NEW
                  variables removed: GONE
                  variables with another value: OTHER
                  check, health url: http://127.0.0.1:8080/health -> http://127.0.0.1:8080/up
                  check, health deadline: 60 s -> 30 s
                  check, version: /version is the tag of app -> not asked for
                web-3: nothing of ours -> v2, v3 (222222222222, 333333333333)
                  app: new, registry.test/shop/app:v2 (222222222222)
                  cache: new, registry.test/shop/app:v3 (333333333333)
                  compose.yaml: new, 4 lines
                  variables added: KEPT, NEW, OTHER
                  no verified release is there: if this one fails, there is nothing to go back to\
                """.split("\n"));
    }

    @Test
    void saysThatNothingRestartsOnlyWhenEverythingIsThereAndRuns() {
        Map<String, String> values = Map.of("LOG_LEVEL", "debug");
        WantedRelease same = wanted(1, COMPOSE, values);
        HostSurvey runs = survey(1, COMPOSE, values, Map.of("app", 1));

        DeployPlan plan = plan(same, "web-1", runs);
        assertThat(plan.changesNothing()).isTrue();
        assertThat(plan.lines())
                .containsExactly(
                        "web-1: already on v1 (111111111111), nothing will restart as far as one can see without"
                                + " the values of secrets");

        assertThat(plan(same, "web-1", survey(1, COMPOSE, values, Map.of())).lines())
                .contains("  its containers are not what the release says: they are started again");
        assertThat(plan(wanted(2, COMPOSE, values), "web-1", runs).changesNothing())
                .isFalse();
        assertThat(plan(wanted(1, COMPOSE + "# x\n", values), "web-1", runs).changesNothing())
                .isFalse();
        assertThat(plan(wanted(1, COMPOSE, Map.of("LOG_LEVEL", "info")), "web-1", runs)
                        .changesNothing())
                .isFalse();
    }

    @Test
    void agreesWithWhatTheDeployDoesAboutAWholeRelease() {
        Map<String, String> values = Map.of("LOG_LEVEL", "debug");
        var secrets = new TreeMap<EnvKey, SecretValue>();
        values.forEach((key, value) -> secrets.put(new EnvKey(key), SecretValue.of(value)));
        Release release = new Release(Releases.verified(1), COMPOSE, ShippedFiles.NONE, secrets, List.of());
        StringBuilder files = new StringBuilder();
        release.fileHashes().forEach((name, sum) -> files.append("file %s %s\n".formatted(name, sum)));
        String there = text(1, COMPOSE, values, Map.of("app", 1));
        HostSurvey exact = HostSurvey.parse(there + files, NONCE);
        HostSurvey otherOverride =
                HostSurvey.parse(there + files + "file compose.override.yaml %s\n".formatted("0".repeat(64)), NONCE);

        assertThat(exact.state().isAlready(release)).isTrue();
        assertThat(plan(WantedRelease.of(release), "web-1", exact).lines())
                .containsExactly("web-1: already on v1 (111111111111), nothing will restart");
        assertThat(otherOverride.state().isAlready(release)).isFalse();
        assertThat(plan(WantedRelease.of(release), "web-1", otherOverride).lines())
                .contains("  what gitops-executor itself writes beside compose.yaml changes");
    }

    @Test
    void saysWhatBecomesOfAServiceThatIsNoLongerListed() {
        HostSurvey survey = survey(1, COMPOSE, Map.of(), Map.of("app", 1));
        WantedRelease without = new WantedRelease(
                new TreeMap<>(Map.of(new ServiceName("web"), Releases.image(1))),
                Releases.verified(1).checks(),
                COMPOSE,
                new TreeMap<>(),
                Releases.verified(1).origin().sha(),
                SchemaSpec.NONE,
                Optional.empty());

        assertThat(plan(without, "web-1", survey).lines())
                .contains(
                        "  app: no longer listed: its container stays until you remove it (docker rm --force shop-app-1)",
                        "  web: new, registry.test/shop/app:v1 (111111111111)");
        assertThat(plan(without, "web-1", survey(1, COMPOSE, Map.of(), Map.of()))
                        .lines())
                .contains("  app: no longer listed, and has no container");
    }

    @Test
    void knowsNoDigestThatNoHostHas() {
        WantedRelease tagged = new WantedRelease(
                new TreeMap<>(Map.of(Releases.APP, ImageRef.parse("docker.io/library/app:2"))),
                Releases.verified(1).checks(),
                COMPOSE,
                new TreeMap<>(),
                Releases.verified(1).origin().sha(),
                SchemaSpec.NONE,
                Optional.empty());
        String there = text(1, COMPOSE, Map.of(), Map.of());

        assertThat(plan(tagged, "web-1", HostSurvey.parse(there, NONCE)).lines())
                .contains("  app: registry.test/shop/app:v1 (111111111111)"
                        + " -> docker.io/library/app:2 (digest is known when it is pulled)");
        assertThat(plan(
                                tagged,
                                "web-1",
                                HostSurvey.parse(there + "have app 2 sha256:%s\n".formatted("2".repeat(64)), NONCE))
                        .lines())
                .contains("  app: registry.test/shop/app:v1 (111111111111) -> docker.io/library/app:2 (222222222222)");
    }

    @Test
    void takesTheFirstHostsWordForWhatATagIsWhereAnotherHasThatImage() {
        WantedRelease tagged = new WantedRelease(
                new TreeMap<>(Map.of(Releases.APP, ImageRef.parse("registry.test/shop/app:v2"))),
                Releases.verified(1).checks(),
                COMPOSE,
                new TreeMap<>(),
                Releases.verified(1).origin().sha(),
                SchemaSpec.NONE,
                Optional.empty());
        String there = text(1, COMPOSE, Map.of(), Map.of());
        String digest = "sha256:" + "2".repeat(64);

        assertThat(plan(
                                tagged,
                                "web-1",
                                HostSurvey.parse(
                                        there + "have registry.test/shop/app v2 %s\n".formatted(digest), NONCE),
                                "web-2",
                                HostSurvey.parse(
                                        there + "have registry.test/shop/app <none> %s\n".formatted(digest), NONCE),
                                "web-3",
                                HostSurvey.parse(there, NONCE))
                        .lines())
                .contains("web-1, web-2: v1 (111111111111) -> v2 (222222222222)", "web-3: v1 (111111111111) -> v2");
    }

    @Test
    void comparesNoSecretWhoseValueItDoesNotKnow() {
        HostSurvey survey = survey(1, COMPOSE, Map.of("PASSWORD", "before"), Map.of("app", 1));
        var variables = new TreeMap<EnvKey, Optional<SecretValue>>();
        variables.put(new EnvKey("PASSWORD"), Optional.empty());

        assertThat(plan(
                                new WantedRelease(
                                        new TreeMap<>(Map.of(Releases.APP, Releases.image(1))),
                                        Releases.verified(1).checks(),
                                        COMPOSE,
                                        variables,
                                        Releases.verified(1).origin().sha(),
                                        SchemaSpec.NONE,
                                        Optional.empty()),
                                "web-1",
                                survey)
                        .changesNothing())
                .isTrue();
    }

    @Test
    void masksAndBoundsTheDiffAndTakesControlCharactersOut() {
        String hostile = COMPOSE + "# \u001b[31mred \u202e secret-value\n" + lines("a", 100);
        UnaryOperator<String> mask = text -> text.replace("secret-value", "[MASKED]");

        List<String> lines = DeployPlan.of(
                        wanted(1, hostile, Map.of()),
                        Map.of(new HostName("web-1"), survey(1, COMPOSE, Map.of(), Map.of())),
                        mask)
                .lines();

        assertThat(lines).hasSizeLessThan(50).anyMatch(line -> line.contains("… 6"));
        assertThat(String.join("\n", lines))
                .contains("+# red  [MASKED]")
                .doesNotContain("secret-value", "\u001b", "\u202e");
        assertThat(LineDiff.of(lines("a", 5000), lines("b", 3)))
                .containsExactly("changed; 3 lines in place of 5000 are too many to compare");
    }

    private static String lines(String prefix, int count) {
        return IntStream.range(0, count)
                .mapToObj(line -> "# " + prefix + line + "\n")
                .collect(Collectors.joining());
    }

    /** Pairs of names and surveys. */
    private static DeployPlan plan(WantedRelease wanted, Object... hosts) {
        Map<HostName, HostSurvey> surveys = new LinkedHashMap<>();
        for (int i = 0; i < hosts.length; i += 2) {
            surveys.put(new HostName((String) hosts[i]), (HostSurvey) hosts[i + 1]);
        }
        return DeployPlan.of(wanted, surveys, UnaryOperator.identity());
    }

    private static WantedRelease wanted(int number, String compose, Map<String, String> values) {
        return new WantedRelease(
                new TreeMap<>(Map.of(Releases.APP, Releases.image(number))),
                Releases.verified(number).checks(),
                compose,
                variables(values),
                Releases.verified(1).origin().sha(),
                SchemaSpec.NONE,
                Optional.empty());
    }

    private static SortedMap<EnvKey, Optional<SecretValue>> variables(Map<String, String> values) {
        var variables = new TreeMap<EnvKey, Optional<SecretValue>>();
        values.forEach((key, value) -> variables.put(new EnvKey(key), Optional.of(SecretValue.of(value))));
        return variables;
    }

    private static HostSurvey nothing() {
        return HostSurvey.parse("", NONCE);
    }

    private static HostSurvey survey(
            int number, String compose, Map<String, String> values, Map<String, Integer> running) {
        return HostSurvey.parse(text(number, compose, values, running), NONCE);
    }

    /** As {@code state.sh} tells of a host that runs a verified release. */
    private static String text(int number, String compose, Map<String, String> values, Map<String, Integer> running) {
        StringBuilder text = new StringBuilder(HostStateTest.current(number))
                .append(HostStateTest.release(Releases.verified(number)))
                .append("compose %s\n".formatted(HostStateTest.base64(compose)));
        values.forEach((key, value) -> text.append(
                "variable %s %s\n".formatted(key, Sha256.hex("%s%s=\"%s\"\n".formatted(NONCE, key, value)))));
        running.forEach(
                (_, image) -> text.append(HostStateTest.container("running")).append(HostStateTest.image(image)));
        return text.toString();
    }
}
