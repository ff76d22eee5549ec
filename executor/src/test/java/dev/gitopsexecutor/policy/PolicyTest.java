package dev.gitopsexecutor.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.identity.Finding;
import dev.gitopsexecutor.identity.TestIdentities;
import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.model.ImageRef;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyTest {
    private static final Instant NOW = Instant.parse("2026-11-24T04:00:00Z");
    private static final ImageRef JOB_IMAGE = ImageRef.parse("gitops-executor/job:1");
    private static final Policy POLICY = policy(
            new RuleBuilder("production"),
            new RuleBuilder("staging").tier(Tier.STAGING).refs("refs/heads/develop"),
            new RuleBuilder("review").tier(Tier.DEVELOPMENT).lax().refs("refs/heads/*"));
    private static final Circumstances CIRCUMSTANCES = now(JOB_IMAGE);

    @Test
    void allowsTheMainBranchInProduction() {
        assertThat(POLICY.decide(TestIdentities.with(Map.of()), CIRCUMSTANCES))
                .isInstanceOfSatisfying(Allowed.class, allowed -> {
                    assertThat(allowed.environment().name()).isEqualTo(new EnvironmentName("production"));
                    assertThat(allowed.identity().projectPath()).isEqualTo("shop/app");
                });
    }

    /** The one check that fails, what it saw and what it wanted. */
    record Reason(String check, String saw, String wanted) {
        static Reason of(Finding finding) {
            assertThat(finding.holds()).isFalse();
            assertThat(finding.next()).endsWith(".");
            return new Reason(finding.check(), finding.saw(), finding.wanted());
        }
    }

    @ParameterizedTest
    @MethodSource("denials")
    void deniesEachSingleMismatch(Map<String, String> changes, Reason reason) {
        assertThat(reasons(POLICY, changes)).containsExactly(reason);
    }

    static Stream<Arguments> denials() {
        String environments = "one of production, review, staging";
        String own = "a file of shop/app@refs/heads/main at 4c300d29c32b7e55210788f6835f3f000dc9cc7a";
        String uri = "gitlab.example.com/shop/app//.gitlab-ci.yml@refs/heads/main";
        String sha = "4c300d29c32b7e55210788f6835f3f000dc9cc7a";
        return Stream.of(
                denial(Map.of("environment", ""), "environment", "the job names no environment", environments),
                denial(Map.of("environment", "prod"), "environment", "\"prod\"", environments),
                denial(
                        Map.of("environment", "Production"),
                        "environment",
                        "\"Production\" is not an environment name (a-z, 0-9, _ and -, at most 63 characters)",
                        environments),
                denial(
                        Map.of("environment", "../production"),
                        "environment",
                        "\"../production\" is not an environment name (a-z, 0-9, _ and -, at most 63 characters)",
                        environments),
                denial(
                        Map.of("environment_action", "stop"),
                        "environment_action",
                        "stop",
                        "one of start, prepare, verify, access"),
                denial(Map.of("project_id", "23"), "project", "23 (shop/app)", "22"),
                denial(Map.of("ref_protected", "false"), "ref_protected", "not protected", "protected"),
                denial(
                        Map.of("pipeline_source", "merge_request_event"),
                        "pipeline_source",
                        "merge_request_event",
                        "one of push, web"),
                denial(Map.of("pipeline_source", "schedule"), "pipeline_source", "schedule", "one of push, web"),
                denial(Map.of("ci_config_ref_uri", ""), "ci_config", "none at " + sha, own),
                denial(Map.of("ci_config_sha", ""), "ci_config", uri + " at no commit", own),
                denial(Map.of("ci_config_sha", "0".repeat(40)), "ci_config", uri + " at " + "0".repeat(40), own),
                denial(Map.of("ci_config_ref_uri", uri + "2"), "ci_config", uri + "2 at " + sha, own),
                denial(
                        Map.of("ci_config_ref_uri", uri.replace("@", "@evil/ci@")),
                        "ci_config",
                        uri.replace("@", "@evil/ci@") + " at " + sha,
                        own),
                denial(
                        Map.of("ci_config_ref_uri", uri.replace("@", "@evil/ci:branch@")),
                        "ci_config",
                        uri.replace("@", "@evil/ci:branch@") + " at " + sha,
                        own),
                denial(
                        Map.of("ci_config_ref_uri", uri.replace(".gitlab-ci.yml", "https://evil.example.com/x.yml")),
                        "ci_config",
                        uri.replace(".gitlab-ci.yml", "https://evil.example.com/x.yml") + " at " + sha,
                        own),
                denial(
                        Map.of("ci_config_ref_uri", uri.replace("shop/app", "evil/shop/app")),
                        "ci_config",
                        uri.replace("shop/app", "evil/shop/app") + " at " + sha,
                        own),
                denial(
                        Map.of("ci_config_ref_uri", uri.replace("shop/app", "shop/app2")),
                        "ci_config",
                        uri.replace("shop/app", "shop/app2") + " at " + sha,
                        own));
    }

    @ParameterizedTest
    @ValueSource(strings = {"refs/heads/main2", "refs/tags/main", "refs/heads/Main", "main"})
    void deniesAnotherRef(String ref) {
        assertThat(reasons(
                        POLICY,
                        Map.of(
                                "ref_path",
                                ref,
                                "ci_config_ref_uri",
                                "gitlab.example.com/shop/app//.gitlab-ci.yml@" + ref)))
                .containsExactly(new Reason("ref", ref, "refs/heads/main"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ci/deploy.yml", ".gitlab/ci/a b.yml", "x.yaml"})
    void acceptsAnyFileOfTheProject(String file) {
        String uri = "gitlab.example.com:8443/shop/app//%s@refs/heads/main".formatted(file);

        assertThat(reasons(POLICY, Map.of("ci_config_ref_uri", uri))).isEmpty();
    }

    @Test
    void listsEveryReasonAtOnce() {
        Decision decision = POLICY.decide(
                TestIdentities.with(
                        Map.of("project_id", "23", "ref_path", "refs/heads/feature/x", "ref_protected", "false")),
                now(ImageRef.parse("evil:1")));

        assertThat(decision)
                .isInstanceOfSatisfying(
                        Denied.class,
                        denied -> assertThat(denied.reasons())
                                .extracting(Finding::check)
                                .containsExactly("project", "ref", "ref_protected", "ci_config", "job_image"));
    }

    @Test
    void explainsWhatAnotherEnvironmentWouldSay() {
        var identity = TestIdentities.with(Map.of("ref_path", "refs/heads/develop"));

        assertThat(POLICY.explain(identity, CIRCUMSTANCES, new EnvironmentName("staging")))
                .filteredOn(finding -> !finding.holds())
                .extracting(Reason::of)
                .startsWith(new Reason("environment_claim", "production", "staging"));
        assertThat(POLICY.explain(identity, CIRCUMSTANCES, new EnvironmentName("nowhere")))
                .extracting(Reason::of)
                .containsExactly(new Reason("environment", "\"nowhere\"", "one of production, review, staging"));
    }

    @Test
    void explainsEveryCheckAlsoWhenItHolds() {
        assertThat(POLICY.explain(TestIdentities.with(Map.of()), CIRCUMSTANCES))
                .allMatch(Finding::holds)
                .extracting(Finding::check)
                .containsExactly(
                        "environment_claim",
                        "environment_action",
                        "environment_protected",
                        "project",
                        "namespace",
                        "ref",
                        "ref_protected",
                        "pipeline_source",
                        "ci_config",
                        "starter",
                        "job_image",
                        "services",
                        "freeze");
    }

    @Test
    void allowsAnUnprotectedBranchWhereTheRuleSaysSo() {
        var identity = TestIdentities.with(Map.of(
                "environment", "review",
                "environment_action", "",
                "ref_path", "refs/heads/feature",
                "ref_protected", "false",
                "ci_config_ref_uri", "",
                "pipeline_source", "merge_request_event"));

        assertThat(POLICY.decide(identity, CIRCUMSTANCES)).isInstanceOf(Allowed.class);
    }

    @Test
    void asksForAProtectedRefInProductionWhateverTheRuleSays() {
        Policy lax = policy(new RuleBuilder("production").lax());

        assertThat(reasons(lax, Map.of("ref_protected", "false")))
                .containsExactly(new Reason("ref_protected", "not protected", "protected"));
    }

    @ParameterizedTest
    @CsvSource({
        "42, developer, true",
        "43, developer, false",
        "43, maintainer, true",
        "43, owner, true",
        "43, Maintainer, false",
        "43, '', false",
        "42, '', true"
    })
    void asksForAStarterOfEitherKind(String user, String role, boolean allowed) {
        Policy policy = policy(
                new RuleBuilder("production").starters(new People(Set.of(42L), Set.of(Role.MAINTAINER, Role.OWNER))));
        String shown = role.isEmpty() ? "role unknown" : role;

        assertThat(reasons(policy, Map.of("user_id", user, "user_access_level", role)))
                .isEqualTo(
                        allowed
                                ? List.of()
                                : List.of(new Reason(
                                        "starter", "user 43 (dev1), " + shown, "one of user 42, maintainer, owner")));
    }

    @ParameterizedTest
    @CsvSource({"42, developer, true", "43, maintainer, true", "43, developer, false", "43, '', false"})
    void asksWhoGoesBack(String user, String role, boolean allowed) {
        RuleBuilder rule = new RuleBuilder("production").rollbacks(new People(Set.of(42L), Set.of(Role.MAINTAINER)));
        Map<String, String> claims = Map.of("user_id", user, "user_access_level", role);
        assertThat(reasons(policy(rule), claims))
                .as("deploys are others' matter")
                .isEmpty();

        assertThat(rollback(rule, claims))
                .isEqualTo(
                        allowed
                                ? List.of()
                                : List.of(new Reason(
                                        "rollbacks",
                                        "user 43 (dev1), " + (role.isEmpty() ? "role unknown" : role),
                                        "one of user 42, maintainer")));
        assertThat(rollback(new RuleBuilder("production"), claims))
                .as("who may start the job")
                .isEmpty();
    }

    private static List<Reason> rollback(RuleBuilder rule, Map<String, String> claims) {
        var now = new Circumstances(ImageRef.parse("gitops-executor/job:1"), Instant.EPOCH);
        Allowed allowed = (Allowed) policy(rule).decide(TestIdentities.with(claims), now);
        return Policy.decideRollback(allowed).map(Denied::reasons).orElse(List.of()).stream()
                .map(finding -> new Reason(finding.check(), finding.saw(), finding.wanted()))
                .toList();
    }

    @ParameterizedTest
    @CsvSource({"true, true", "false, false", "'', false", "TRUE, false"})
    void asksForAProtectedEnvironment(String claim, boolean allowed) {
        Policy policy = policy(new RuleBuilder("production").protectedEnvironment());

        assertThat(reasons(policy, Map.of("environment_protected", claim)))
                .isEqualTo(
                        allowed
                                ? List.of()
                                : List.of(new Reason("environment_protected", "not protected", "protected")));
    }

    @ParameterizedTest
    @CsvSource({"7, true", "8, false", "'', false", "seven, false"})
    void asksForTheGroupOfTheProject(String claim, boolean allowed) {
        Policy policy = policy(new RuleBuilder("production").namespaces(7L, 9L));
        String saw = claim.equals("8") ? "8" : "none";

        assertThat(reasons(policy, Map.of("namespace_id", claim)))
                .isEqualTo(allowed ? List.of() : List.of(new Reason("namespace", saw, "one of 7, 9")));
    }

    @ParameterizedTest
    @CsvSource({
        "start, false, 42, false",
        "start, true, 42, true",
        "start, true, 43, false",
        "verify, false, 42, true",
        "verify, true, 43, true"
    })
    void deploysNothingInAFreezeUnlessTheGlassIsBroken(String action, boolean broken, String user, boolean allowed) {
        Freeze freeze = new Freeze(
                "upgrade",
                new Freeze.Once(LocalDateTime.of(2026, 11, 24, 0, 0), LocalDateTime.of(2026, 11, 25, 0, 0)),
                ZoneOffset.UTC);
        Policy policy =
                policy(new RuleBuilder("production").freeze(freeze).breakGlass(new People(Set.of(42L), Set.of())));
        Optional<String> glass = broken ? Optional.of("checkout is down") : Optional.empty();
        var identity = TestIdentities.with(Map.of("environment_action", action, "user_id", user));

        assertThat(policy.explain(identity, new Circumstances(JOB_IMAGE, List.of(), NOW, glass)))
                .filteredOn(finding -> !finding.holds())
                .extracting(Reason::of)
                .isEqualTo(
                        allowed
                                ? List.of()
                                : List.of(new Reason(
                                        "freeze",
                                        "freeze \"upgrade\" until 2026-11-25 00:00 Z",
                                        "no freeze at 2026-11-24T04:00:00Z, or broken glass for user 42")));
    }

    @Test
    void brokenGlassOpensNothingElse() {
        Circumstances now = new Circumstances(JOB_IMAGE, List.of(), NOW, Optional.of("checkout is down"));
        People maintainers = new People(Set.of(), Set.of(Role.MAINTAINER));
        Policy granted = policy(new RuleBuilder("production").breakGlass(maintainers));

        assertThat(granted.decide(TestIdentities.with(Map.of()), now))
                .isInstanceOfSatisfying(Allowed.class, allowed -> {
                    assertThat(allowed.brokenGlass()).contains("checkout is down");
                    assertThat(allowed.jobImage()).isEqualTo(JOB_IMAGE);
                });
        assertThat(granted.decide(TestIdentities.with(Map.of("user_access_level", "developer")), now))
                .isInstanceOfSatisfying(
                        Allowed.class,
                        allowed -> assertThat(allowed.brokenGlass()).isEmpty());
        assertThat(POLICY.decide(TestIdentities.with(Map.of()), now))
                .isInstanceOfSatisfying(
                        Allowed.class,
                        allowed -> assertThat(allowed.brokenGlass()).isEmpty());
        assertThat(granted.explain(TestIdentities.with(Map.of("ref_protected", "false")), now))
                .filteredOn(finding -> !finding.holds())
                .extracting(Finding::check)
                .containsExactly("ref_protected");
    }

    @Test
    void deniesServices() {
        var now = new Circumstances(JOB_IMAGE, List.of(ImageRef.parse("postgres:16")), NOW, Optional.empty());

        assertThat(POLICY.explain(TestIdentities.with(Map.of()), now))
                .filteredOn(finding -> !finding.holds())
                .extracting(Reason::of)
                .containsExactly(new Reason("services", "postgres:16", "none"));
    }

    @Test
    void readsEmptyListsAsNobody() {
        RuleBuilder nobody = new RuleBuilder("production")
                .projects()
                .namespaces()
                .refs()
                .sources()
                .starters(new People(Set.of(), Set.of()))
                .jobImages();

        assertThat(reasons(policy(nobody), Map.of()))
                .containsExactly(
                        new Reason("project", "22 (shop/app)", "nothing is allowed"),
                        new Reason("namespace", "7", "nothing is allowed"),
                        new Reason("ref", "refs/heads/main", "nothing is allowed"),
                        new Reason("pipeline_source", "push", "nothing is allowed"),
                        new Reason("starter", "user 42 (dev1), maintainer", "nothing is allowed"),
                        new Reason("job_image", "gitops-executor/job:1", "nothing is allowed"));
    }

    @Test
    void comparesImagesOfAReleaseByRepository() {
        Allowed allowed = (Allowed) POLICY.decide(TestIdentities.with(Map.of()), CIRCUMSTANCES);

        assertThat(Policy.decideRelease(allowed, List.of(ImageRef.parse("registry.example.com/shop/app:any"))))
                .isEmpty();
        assertThat(Policy.decideRelease(
                                allowed,
                                List.of(
                                        ImageRef.parse("registry.example.com/shop/app:1"),
                                        ImageRef.parse("shop/app:1"),
                                        ImageRef.parse("registry.example.com/shop/app2:1")))
                        .orElseThrow()
                        .reasons())
                .extracting(Reason::of)
                .containsExactly(
                        new Reason("release_image", "shop/app:1", "registry.example.com/shop/app"),
                        new Reason(
                                "release_image", "registry.example.com/shop/app2:1", "registry.example.com/shop/app"));
    }

    private static List<Reason> reasons(Policy policy, Map<String, String> changes) {
        return switch (policy.decide(TestIdentities.with(changes), CIRCUMSTANCES)) {
            case Allowed _ -> List.of();
            case Denied denied -> denied.reasons().stream().map(Reason::of).toList();
        };
    }

    private static Arguments denial(Map<String, String> changes, String check, String saw, String wanted) {
        return Arguments.of(changes, new Reason(check, saw, wanted));
    }

    private static Policy policy(RuleBuilder... rules) {
        return new Policy(Arrays.stream(rules)
                .map(RuleBuilder::build)
                .collect(Collectors.toMap(EnvironmentRule::name, rule -> rule)));
    }

    private static Circumstances now(ImageRef image) {
        return new Circumstances(image, NOW);
    }
}
