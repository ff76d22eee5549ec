package dev.gitopsexecutor.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.identity.TestIdentities;
import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.ProjectId;
import dev.gitopsexecutor.policy.Denied.Reason;
import dev.gitopsexecutor.policy.EnvironmentRule.VaultRule;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PolicyTest {
    private static final ImageRef JOB_IMAGE = ImageRef.parse("gitops-executor/job:1");
    private static final Policy POLICY = new Policy(Map.of(
            new EnvironmentName("production"),
            rule("production", Tier.PRODUCTION, true, "refs/heads/main"),
            new EnvironmentName("staging"),
            rule("staging", Tier.STAGING, true, "refs/heads/develop"),
            new EnvironmentName("review"),
            rule("review", Tier.DEVELOPMENT, false, "refs/heads/*")));

    @Test
    void allowsTheMainBranchInProduction() {
        assertThat(POLICY.decide(TestIdentities.with(Map.of()), JOB_IMAGE))
                .isInstanceOfSatisfying(Allowed.class, allowed -> {
                    assertThat(allowed.environment().name()).isEqualTo(new EnvironmentName("production"));
                    assertThat(allowed.identity().projectPath()).isEqualTo("shop/app");
                });
    }

    @ParameterizedTest
    @MethodSource("denials")
    void deniesEachSingleMismatch(Map<String, String> changes, Reason reason) {
        assertThat(POLICY.decide(TestIdentities.with(changes), JOB_IMAGE)).isEqualTo(new Denied(List.of(reason)));
    }

    static Stream<Arguments> denials() {
        String environments = "one of production, review, staging";
        return Stream.of(
                denial(Map.of("environment", ""), "environment", "the job names no environment", environments),
                denial(Map.of("environment", "prod"), "environment", "\"prod\"", environments),
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
                denial(Map.of("project_id", "23"), "project", "project 23 (shop/app)", "22"),
                denial(Map.of("ref_path", "refs/heads/main2"), "ref", "refs/heads/main2", "refs/heads/main"),
                denial(Map.of("ref_path", "refs/tags/main"), "ref", "refs/tags/main", "refs/heads/main"),
                denial(
                        Map.of("ref_protected", "false"),
                        "ref_protected",
                        "refs/heads/main is not protected",
                        "a protected branch or tag"),
                denial(
                        Map.of("pipeline_source", "merge_request_event"),
                        "pipeline_source",
                        "merge_request_event",
                        "a pipeline of the branch or tag itself"));
    }

    @Test
    void listsEveryReasonAtOnce() {
        Decision decision = POLICY.decide(
                TestIdentities.with(
                        Map.of("project_id", "23", "ref_path", "refs/heads/feature/x", "ref_protected", "false")),
                ImageRef.parse("evil:1"));

        assertThat(decision)
                .isEqualTo(new Denied(List.of(
                        new Reason("project", "project 23 (shop/app)", "22"),
                        new Reason("ref", "refs/heads/feature/x", "refs/heads/main"),
                        new Reason(
                                "ref_protected", "refs/heads/feature/x is not protected", "a protected branch or tag"),
                        new Reason("job_image", "evil:1", "gitops-executor/job:1"))));
    }

    @Test
    void deniesAnEnvironmentThatTheTokenDoesNotClaim() {
        var request = new DeployRequest(
                TestIdentities.with(Map.of("ref_path", "refs/heads/develop")),
                new EnvironmentName("staging"),
                JOB_IMAGE);

        assertThat(POLICY.decide(request))
                .isEqualTo(new Denied(List.of(new Reason("environment_claim", "production", "staging"))));
    }

    @Test
    void allowsAnUnprotectedBranchWhereTheRuleSaysSo() {
        var identity = TestIdentities.with(Map.of(
                "environment", "review",
                "environment_action", "",
                "ref_path", "refs/heads/feature",
                "ref_protected", "false",
                "pipeline_source", "merge_request_event"));

        assertThat(POLICY.decide(identity, JOB_IMAGE)).isInstanceOf(Allowed.class);
    }

    @Test
    void asksForAProtectedRefInProductionWhateverTheRuleSays() {
        Policy lax = new Policy(Map.of(
                new EnvironmentName("production"), rule("production", Tier.PRODUCTION, false, "refs/heads/main")));

        assertThat(lax.decide(TestIdentities.with(Map.of("ref_protected", "false")), JOB_IMAGE))
                .isInstanceOf(Denied.class);
    }

    @Test
    void readsEmptyListsAsNobody() {
        EnvironmentRule empty = new EnvironmentRule(
                new EnvironmentName("production"),
                Tier.PRODUCTION,
                Set.of(),
                List.of(),
                true,
                List.of(),
                List.of(),
                List.of(),
                Path.of("/key"),
                "/opt/shop",
                new VaultRule("role", "kv", List.of()),
                Optional.empty());
        Policy policy = new Policy(Map.of(empty.name(), empty));

        assertThat(policy.decide(TestIdentities.with(Map.of()), JOB_IMAGE))
                .isEqualTo(new Denied(List.of(
                        new Reason("project", "project 22 (shop/app)", "nothing is allowed"),
                        new Reason("ref", "refs/heads/main", "nothing is allowed"),
                        new Reason("job_image", "gitops-executor/job:1", "nothing is allowed"))));
    }

    @Test
    void comparesImagesOfAReleaseByRepository() {
        Allowed allowed = (Allowed) POLICY.decide(TestIdentities.with(Map.of()), JOB_IMAGE);

        assertThat(Policy.decideRelease(allowed, List.of(ImageRef.parse("registry.example.com/shop/app:any"))))
                .isEmpty();
        assertThat(Policy.decideRelease(
                        allowed,
                        List.of(
                                ImageRef.parse("registry.example.com/shop/app:1"),
                                ImageRef.parse("shop/app:1"),
                                ImageRef.parse("registry.example.com/shop/app2:1"))))
                .contains(new Denied(List.of(
                        new Reason("release_image", "shop/app:1", "registry.example.com/shop/app"),
                        new Reason(
                                "release_image",
                                "registry.example.com/shop/app2:1",
                                "registry.example.com/shop/app"))));
    }

    private static Arguments denial(Map<String, String> changes, String check, String saw, String wanted) {
        return Arguments.of(changes, new Reason(check, saw, wanted));
    }

    private static EnvironmentRule rule(String name, Tier tier, boolean protectedRef, String ref) {
        return new EnvironmentRule(
                new EnvironmentName(name),
                tier,
                Set.of(new ProjectId(22)),
                List.of(ref),
                protectedRef,
                List.of("gitops-executor/job:1"),
                List.of("registry.example.com/shop/app"),
                List.of(new HostRule(new HostName("web-1"), "10.0.0.11", 22, "deploy", "ssh-ed25519 AAAA")),
                Path.of("/etc/gitops-executor/ssh/key"),
                "/opt/shop",
                new VaultRule("shop", "kv", List.of("shop/" + name)),
                Optional.empty());
    }
}
