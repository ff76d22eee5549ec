package dev.gitopsexecutor.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.io.Sha256;
import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.ServiceName;
import dev.gitopsexecutor.policy.EnvironmentRule;
import dev.gitopsexecutor.policy.RuleBuilder;
import dev.gitopsexecutor.secrets.SecretRef;
import dev.gitopsexecutor.secrets.SecretValue;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class DeployPlanTest {
    private static final EnvironmentRule RULE = new RuleBuilder("staging").build();

    private static final String COMPOSE = "services:\n  app:\n    image: registry.test/shop/app\n";
    private static final String NONCE = "00ff";
    private static final Release BASE = new Release(
            Releases.verified(1),
            COMPOSE,
            ShippedFiles.NONE,
            new TreeMap<>(Map.of(new EnvKey("LOG_LEVEL"), SecretValue.of("debug"))),
            List.of());
    private static final String BASE_TEXT = text(1, COMPOSE, Map.of("LOG_LEVEL", "debug"), Map.of("app", 1));

    @Test
    void tellsWhatChangesOnceForHostsWhereItIsTheSame() {
        HostSurvey old = survey(1, COMPOSE, Map.of("KEPT", "same", "GONE", "x", "OTHER", "before"), Map.of());
        WantedRelease wanted = wanted(
                Map.of(Releases.APP, Releases.image(2), new ServiceName("cache"), Releases.image(3)),
                Releases.withoutVersion(Releases.checks("http://127.0.0.1:8080/up", Duration.ofSeconds(30))),
                COMPOSE + "    read_only: true\n",
                Map.of("KEPT", "same", "NEW", "y", "OTHER", "after"));

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
    void saysWhenContainersAreNotWhatTheReleaseSays() {
        assertThat(plan(wanted(1, COMPOSE, Map.of()), "web-1", survey(1, COMPOSE, Map.of(), Map.of()))
                        .lines())
                .contains("  its containers are not what the release says: they are started again");
    }

    /** Whatever makes a deploy act must be in its plan, with and without what only the deploy itself knows. */
    @ParameterizedTest
    @MethodSource
    void agreesWithWhatTheDeployDoes(String change, Release wanted, HostSurvey there, String line) {
        boolean same = change.equals("nothing");

        assertThat(there.state().isAlready(wanted)).isEqualTo(same);
        DeployPlan plan = plan(WantedRelease.of(wanted), "web-1", there);
        assertThat(plan.changesNothing()).isEqualTo(same);
        assertThat(plan.lines()).contains(line);
        if (!change.equals("replicas")) {
            DeployPlan ahead = plan(preview(wanted), "web-1", there);
            assertThat(ahead.changesNothing()).isEqualTo(same);
            assertThat(ahead.lines()).contains(line);
        }
    }

    static Stream<Arguments> agreesWithWhatTheDeployDoes() {
        ReleaseRecord record = BASE.record();
        CheckSpec otherChecks = Releases.withoutVersion(record.checks());
        SortedMap<EnvKey, SecretRef> latest =
                new TreeMap<>(Map.of(new EnvKey("LOG_LEVEL"), new SecretRef("shop/staging", "level")));
        Workload jobs = new Workload(new TreeSet<>(Set.of(Releases.APP)), new TreeMap<>());
        Workload replicas = new Workload(new TreeSet<>(), new TreeMap<>(Map.of(Releases.APP, 2)));
        ShippedFiles shipped = new ShippedFiles(
                new TreeMap<>(Map.of("a.conf", ShippedFiles.ShippedFile.of(false, new byte[] {1}))), new TreeSet<>());
        return Stream.of(
                wanted("nothing", BASE, "web-1: already on v1 (111111111111), nothing will restart"),
                wanted(
                        "images",
                        release(images(record, Releases.image(2))),
                        "  app: v1 (111111111111) -> v2 (222222222222)"),
                wanted(
                        "compose",
                        new Release(record, COMPOSE + "# more\n", ShippedFiles.NONE, BASE.variables(), List.of()),
                        "    +# more"),
                wanted(
                        "variables",
                        new Release(
                                record,
                                COMPOSE,
                                ShippedFiles.NONE,
                                new TreeMap<>(Map.of(new EnvKey("LOG_LEVEL"), SecretValue.of("info"))),
                                List.of()),
                        "  variables with another value: LOG_LEVEL"),
                wanted(
                        "files",
                        new Release(record, COMPOSE, shipped, BASE.variables(), List.of()),
                        "  files of the repository that travel along: the first ones"),
                Arguments.of(
                        "other files",
                        new Release(record, COMPOSE, shipped, BASE.variables(), List.of()),
                        there("file files " + "0".repeat(64) + "\n"),
                        "  files of the repository that travel along: others than before"),
                wanted(
                        "checks",
                        release(terms(otherChecks, record.latest(), record.schema(), record.workload())),
                        "  check, version: /version is the tag of app -> not asked for"),
                wanted(
                        "schema",
                        release(terms(record.checks(), record.latest(), new SchemaSpec(12, 10), record.workload())),
                        "  schema: version 0, oldest 0 -> version 12, oldest 10"),
                wanted(
                        "latest",
                        release(terms(record.checks(), latest, record.schema(), record.workload())),
                        "  latest_on_rollback: none -> LOG_LEVEL (shop/staging#level)"),
                wanted(
                        "jobs",
                        release(terms(record.checks(), record.latest(), record.schema(), jobs)),
                        "  jobs: none -> app"),
                wanted(
                        "replicas",
                        release(terms(record.checks(), record.latest(), record.schema(), replicas)),
                        "  replicas of app: 1 -> 2"),
                Arguments.of(
                        "own files",
                        BASE,
                        there("file compose.override.yaml " + "0".repeat(64) + "\n"),
                        "  what gitops-executor itself writes beside compose.yaml changes"),
                Arguments.of(
                        "containers",
                        BASE,
                        there(HostStateTest.container("exited")),
                        "  its containers are not what the release says: they are started again"),
                Arguments.of(
                        "unverified",
                        BASE,
                        HostSurvey.parse(
                                BASE_TEXT.replace(
                                        HostStateTest.release(record), HostStateTest.release(Releases.unverified(1))),
                                NONCE),
                        "  release %s was never verified: an earlier deploy was cut off".formatted(record.id())));
    }

    private static Arguments wanted(String change, Release wanted, String line) {
        return Arguments.of(change, wanted, there(""), line);
    }

    private static Release release(ReleaseRecord record) {
        return new Release(record, COMPOSE, ShippedFiles.NONE, BASE.variables(), List.of());
    }

    /** A host that runs {@link #BASE}, and what it tells besides. */
    private static HostSurvey there(String more) {
        return HostSurvey.parse(BASE_TEXT + more, NONCE);
    }

    private static ReleaseRecord images(ReleaseRecord record, ImageRef image) {
        return new ReleaseRecord(
                record.id(),
                record.environment(),
                record.project(),
                record.origin(),
                new ReleaseContent(
                        new TreeMap<>(Map.of(Releases.APP, image)),
                        record.checks(),
                        record.secrets(),
                        record.latest(),
                        record.schema(),
                        record.workload(),
                        record.files()),
                record.broughtBack(),
                record.created(),
                record.verified());
    }

    private static ReleaseRecord terms(
            CheckSpec checks, SortedMap<EnvKey, SecretRef> latest, SchemaSpec schema, Workload workload) {
        ReleaseRecord record = BASE.record();
        return new ReleaseRecord(
                record.id(),
                record.environment(),
                record.project(),
                record.origin(),
                new ReleaseContent(record.images(), checks, record.secrets(), latest, schema, workload, record.files()),
                record.broughtBack(),
                record.created(),
                record.verified());
    }

    /** As it is seen from the files of its commit alone; a variable that is read anew is a secret. */
    private static WantedRelease preview(Release release) {
        ReleaseRecord record = release.record();
        SortedMap<EnvKey, String> values = new TreeMap<>();
        release.variables().forEach((key, value) -> values.put(key, value.reveal()));
        values.keySet().removeAll(record.latest().keySet());
        EnvironmentSpec environment = new EnvironmentSpec(
                values,
                record.latest(),
                new TreeSet<>(),
                new TreeSet<>(record.latest().keySet()),
                Optional.empty());
        DeploySpec spec = new DeploySpec(
                "compose.yaml",
                record.project(),
                record.images(),
                new TreeMap<>(Map.of(record.environment(), environment)),
                record.checks(),
                "/health",
                record.schema(),
                record.workload().jobs(),
                List.of());
        return WantedRelease.of(
                spec, record.origin().sha(), record.images(), RULE, release.compose(), release.shipped());
    }

    @Test
    void saysWhatItCouldNotSee() {
        HostSurvey survey = survey(1, COMPOSE, Map.of("PASSWORD", "before"), Map.of("app", 1));
        SortedMap<EnvKey, SecretRef> secrets =
                new TreeMap<>(Map.of(new EnvKey("PASSWORD"), new SecretRef("shop/staging", "password")));
        EnvironmentSpec environment = environment(new TreeMap<>(), secrets);
        WantedRelease wanted = wanted(Map.of(Releases.APP, ImageRef.parse("registry.test/shop/app:v1")), environment);

        assertThat(plan(
                                wanted,
                                "web-1",
                                HostSurvey.parse(
                                        text(1, COMPOSE, Map.of("PASSWORD", "before"), Map.of("app", 1))
                                                + "have registry.test/shop/app v1 sha256:%s\n"
                                                        .formatted("1".repeat(64)),
                                        NONCE))
                        .lines())
                .containsExactly("web-1: already on v1 (111111111111), nothing will restart as far as one can see"
                        + " without the registry and the values of secrets");
        assertThat(plan(wanted(Map.of(Releases.APP, Releases.image(1)), environment), "web-1", survey)
                        .lines())
                .containsExactly("web-1: already on v1 (111111111111), nothing will restart as far as one can see"
                        + " without the values of secrets");
    }

    @Test
    void tellsThatTheCommitFailedBefore() {
        String failed =
                "failed %s 1764313200 \n".formatted(HostStateTest.base64(ReleaseJson.write(Releases.unverified(2))));

        assertThat(plan(preview(BASE), "web-1", there(failed)).lines())
                .contains("  commit aaaaaaaa failed here at 2025-11-28T07:00:00Z: nobody knows why");
    }

    @Test
    void saysWhatBecomesOfAServiceThatIsNoLongerListed() {
        HostSurvey survey = survey(1, COMPOSE, Map.of(), Map.of("app", 1));
        WantedRelease without = wanted(Map.of(new ServiceName("web"), Releases.image(1)));

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
        WantedRelease tagged = wanted(Map.of(Releases.APP, ImageRef.parse("docker.io/library/app:2")));
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
        WantedRelease tagged = wanted(Map.of(Releases.APP, ImageRef.parse("registry.test/shop/app:v2")));
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
        return wanted(
                Map.of(Releases.APP, Releases.image(number)),
                Releases.verified(number).checks(),
                compose,
                values);
    }

    private static EnvironmentSpec environment(SortedMap<EnvKey, String> values, SortedMap<EnvKey, SecretRef> secrets) {
        return new EnvironmentSpec(values, secrets, new TreeSet<>(), new TreeSet<>(), Optional.empty());
    }

    private static WantedRelease wanted(Map<ServiceName, ImageRef> images) {
        return wanted(images, Releases.verified(1).checks(), COMPOSE, Map.of());
    }

    private static WantedRelease wanted(
            Map<ServiceName, ImageRef> images, CheckSpec checks, String compose, Map<String, String> values) {
        SortedMap<EnvKey, String> plain = new TreeMap<>();
        values.forEach((key, value) -> plain.put(new EnvKey(key), value));
        return wanted(images, checks, compose, environment(plain, new TreeMap<>()));
    }

    private static WantedRelease wanted(Map<ServiceName, ImageRef> images, EnvironmentSpec environment) {
        return wanted(images, Releases.verified(1).checks(), COMPOSE, environment);
    }

    private static WantedRelease wanted(
            Map<ServiceName, ImageRef> images, CheckSpec checks, String compose, EnvironmentSpec environment) {
        ReleaseRecord record = Releases.verified(1);
        DeploySpec spec = new DeploySpec(
                "compose.yaml",
                record.project(),
                new TreeMap<>(images),
                new TreeMap<>(Map.of(record.environment(), environment)),
                checks,
                "/health",
                SchemaSpec.NONE,
                new TreeSet<>(),
                List.of());
        return WantedRelease.of(spec, record.origin().sha(), new TreeMap<>(images), RULE, compose, ShippedFiles.NONE);
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
        SortedMap<EnvKey, SecretValue> variables = new TreeMap<>();
        values.forEach((key, value) -> variables.put(new EnvKey(key), SecretValue.of(value)));
        new Release(Releases.verified(number), compose, ShippedFiles.NONE, variables, List.of())
                .fileHashes()
                .forEach((name, sum) -> text.append("file %s %s\n".formatted(name, sum)));
        running.forEach(
                (_, image) -> text.append(HostStateTest.container("running")).append(HostStateTest.image(image)));
        return text.toString();
    }
}
