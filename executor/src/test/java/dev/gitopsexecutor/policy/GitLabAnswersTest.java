package dev.gitopsexecutor.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.gitopsexecutor.identity.Answer;
import dev.gitopsexecutor.identity.Answer.Known;
import dev.gitopsexecutor.identity.Answer.Unasked;
import dev.gitopsexecutor.identity.Answer.Unknown;
import dev.gitopsexecutor.identity.Answer.Unreachable;
import dev.gitopsexecutor.identity.Confirmation;
import dev.gitopsexecutor.identity.Finding;
import dev.gitopsexecutor.identity.Questions;
import dev.gitopsexecutor.identity.TestIdentities;
import dev.gitopsexecutor.model.CommitSha;
import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.model.ImageRef;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the policy makes of GitLab's answers about a job. */
class GitLabAnswersTest {
    private static final CommitSha SHA = new CommitSha("4c300d29c32b7e55210788f6835f3f000dc9cc7a");
    private static final CommitSha OTHER = new CommitSha("0".repeat(40));
    private static final Confirmation.Job JOB = new Confirmation.Job("running", 102, 9102, 42, SHA, OptionalLong.of(7));
    private static final Answers GOOD = new Answers(
            new Known<>(JOB),
            new Known<>(new Confirmation.Deployment(SHA, 0)),
            new Known<>(true),
            new Known<>(true),
            new Known<>(true));

    /** Answers of which a test changes one. */
    record Answers(
            Answer<Confirmation.Job> job,
            Answer<Confirmation.Deployment> deployment,
            Answer<Boolean> ref,
            Answer<Boolean> environment,
            Answer<Boolean> byHand) {
        Confirmation confirmation() {
            return new Confirmation(job, deployment, ref, environment, byHand);
        }

        Answers job(Answer<Confirmation.Job> other) {
            return new Answers(other, deployment, ref, environment, byHand);
        }

        Answers deployment(Answer<Confirmation.Deployment> other) {
            return new Answers(job, other, ref, environment, byHand);
        }

        Answers ref(Answer<Boolean> other) {
            return new Answers(job, deployment, other, environment, byHand);
        }

        Answers environment(Answer<Boolean> other) {
            return new Answers(job, deployment, ref, other, byHand);
        }

        Answers byHand(Answer<Boolean> other) {
            return new Answers(job, deployment, ref, environment, other);
        }
    }

    @Test
    void allowsWhatGitLabConfirms() {
        assertThat(reasons(GOOD)).isEmpty();
        assertThat(reasons(GOOD.job(
                        new Known<>(new Confirmation.Job("running", 102, 9102, 42, SHA, OptionalLong.empty())))))
                .as("an older GitLab does not name the runner")
                .isEmpty();
    }

    @ParameterizedTest
    @MethodSource("contradictions")
    void deniesWhatGitLabContradicts(Answers answers, String check, String saw) {
        assertThat(reasons(answers)).singleElement().satisfies(reason -> {
            assertThat(reason.check()).isEqualTo(check);
            assertThat(reason.saw()).isEqualTo(saw);
            assertThat(reason.next()).endsWith(".");
        });
    }

    static Stream<Arguments> contradictions() {
        String job = "job 102 running, pipeline 9102, user 42, commit %s, runner 7".formatted(SHA);
        return Stream.of(
                contradiction(
                        job("canceled", 102, 9102, 42, SHA, 7), "job_running", job.replace("running", "canceled")),
                contradiction(job("running", 103, 9102, 42, SHA, 7), "job_running", job.replace("job 102", "job 103")),
                contradiction(job("running", 102, 1, 42, SHA, 7), "job_running", job.replace("9102", "1")),
                contradiction(job("running", 102, 9102, 43, SHA, 7), "job_running", job.replace("user 42", "user 43")),
                contradiction(
                        job("running", 102, 9102, 42, OTHER, 7),
                        "job_running",
                        job.replace(SHA.value(), OTHER.value())),
                contradiction(
                        job("running", 102, 9102, 42, SHA, 8), "job_running", job.replace("runner 7", "runner 8")),
                contradiction(GOOD.job(new Unknown<>("no such job")), "job_running", "no such job"),
                contradiction(
                        GOOD.deployment(new Known<>(new Confirmation.Deployment(SHA, 2))),
                        "deployment",
                        "runs at %s, 2 approvals pending".formatted(SHA)),
                contradiction(
                        GOOD.deployment(new Known<>(new Confirmation.Deployment(OTHER, 0))),
                        "deployment",
                        "runs at %s, 0 approvals pending".formatted(OTHER)),
                contradiction(GOOD.deployment(new Unknown<>("none of this job")), "deployment", "none of this job"),
                contradiction(GOOD.ref(new Known<>(false)), "ref_protected_now", "not protected"),
                contradiction(GOOD.ref(new Unknown<>("no such ref")), "ref_protected_now", "no such ref"),
                contradiction(GOOD.environment(new Known<>(false)), "environment_protected_now", "not protected"),
                contradiction(GOOD.byHand(new Known<>(false)), "start_by_hand", "automatically"),
                contradiction(GOOD.byHand(new Unknown<>("too many jobs")), "start_by_hand", "too many jobs"),
                contradiction(GOOD.byHand(new Unasked<>("no token")), "start_by_hand", "not asked: no token"),
                contradiction(GOOD.byHand(new Unreachable<>("answer 503")), "start_by_hand", "no answer: answer 503"));
    }

    @Test
    void listsEverythingThatSpeaksAgainstIt() {
        Answers bad = GOOD.ref(new Known<>(false)).byHand(new Known<>(false));

        assertThat(reasons(bad)).extracting(Finding::check).containsExactly("ref_protected_now", "start_by_hand");
    }

    @Test
    void goesByTheTokenAloneWhenNobodyAsks() {
        Confirmation none = Confirmation.none("not configured");
        RuleBuilder automatic = new RuleBuilder("production").startedAutomatically();

        assertThat(Policy.decideAnswers(allowed(automatic, Map.of()), none)).isEmpty();
        assertThat(Policy.decideAnswers(
                        allowed(new RuleBuilder("production"), Map.of("environment_action", "verify")), none))
                .as("it deploys nothing")
                .isEmpty();
        assertThat(Policy.decideAnswers(allowed(new RuleBuilder("production"), Map.of()), none)
                        .orElseThrow()
                        .reasons())
                .extracting(Finding::check, Finding::saw, Finding::wanted)
                .containsExactly(tuple("start_by_hand", "not asked: not configured", "by hand"));
    }

    @Test
    void asksForWhatTheRuleNeeds() {
        assertThat(Policy.questions(allowed(new RuleBuilder("production"), Map.of())))
                .isEqualTo(new Questions(true, true, false, true));
        assertThat(Policy.questions(allowed(new RuleBuilder("production"), Map.of("environment_action", "verify"))))
                .isEqualTo(new Questions(false, true, false, false));
        assertThat(Policy.questions(allowed(
                        new RuleBuilder("production")
                                .tier(Tier.STAGING)
                                .lax()
                                .startedAutomatically()
                                .protectedEnvironment(),
                        Map.of("environment_protected", "true"))))
                .isEqualTo(new Questions(true, false, true, false));
    }

    @Test
    void namesTheChecksThatFollow() {
        EnvironmentRule production =
                new RuleBuilder("production").protectedEnvironment().build();
        EnvironmentRule review = new RuleBuilder("review")
                .tier(Tier.DEVELOPMENT)
                .lax()
                .startedAutomatically()
                .withoutPromotion()
                .build();
        Policy policy = new Policy(Map.of(production.name(), production, review.name(), review));
        var deploys = TestIdentities.with(Map.of());
        var verifies = TestIdentities.with(Map.of("environment_action", "verify"));

        assertThat(policy.laterChecks(deploys, Optional.empty()))
                .containsExactly(
                        "job_running",
                        "deployment",
                        "ref_protected_now",
                        "environment_protected_now",
                        "start_by_hand",
                        "release_image",
                        "public_url",
                        "promotes_from",
                        "env_keys");
        assertThat(policy.laterChecks(deploys, Optional.of(new EnvironmentName("review"))))
                .containsExactly("job_running", "deployment", "release_image", "public_url");
        EnvironmentRule guarded = new RuleBuilder("production")
                .withoutPromotion()
                .rollbacks(new People(Set.of(42L), Set.of()))
                .build();
        assertThat(new Policy(Map.of(guarded.name(), guarded)).laterChecks(deploys, Optional.empty()))
                .as("asked of those who go back")
                .endsWith("release_image", "public_url", "rollbacks");
        assertThat(policy.laterChecks(verifies, Optional.of(new EnvironmentName("review"))))
                .containsExactly("job_running");
        assertThat(policy.laterChecks(deploys, Optional.of(new EnvironmentName("nowhere"))))
                .as("as for the environment that it claims")
                .hasSize(9);
    }

    @Test
    void goesOnWithoutWhatGitLabCouldNotBeAskedButNotAgainstWhatItSays() {
        Allowed allowed = allowed(new RuleBuilder("production").startedAutomatically(), Map.of());
        Answers silent = new Answers(
                new Unreachable<>("answer 500"),
                new Unreachable<>("answer 500"),
                new Unreachable<>("answer 500"),
                new Unreachable<>("answer 500"),
                new Unasked<>("the policy does not ask"));

        assertThat(silent.confirmation().unreachable()).contains("answer 500");
        assertThat(GOOD.confirmation().unreachable()).isEmpty();
        assertThat(Policy.decideAnswers(allowed, silent.confirmation())).isEmpty();
        assertThat(Policy.decideAnswers(allowed, silent.ref(new Known<>(false)).confirmation())
                        .orElseThrow()
                        .reasons())
                .extracting(Finding::check)
                .containsExactly("ref_protected_now");
    }

    @Test
    void saysWhatWasAsked() {
        assertThat(GOOD.confirmation().asked())
                .containsExactly(
                        "the job",
                        "its deployment",
                        "the ref's protection",
                        "the environment's protection",
                        "how it was started");
        assertThat(Confirmation.none("x").asked()).isEmpty();
    }

    private static Answers job(String status, long id, long pipeline, long user, CommitSha sha, long runner) {
        return GOOD.job(new Known<>(new Confirmation.Job(status, id, pipeline, user, sha, OptionalLong.of(runner))));
    }

    private static Arguments contradiction(Answers answers, String check, String saw) {
        return Arguments.of(answers, check, saw);
    }

    private static List<Finding> reasons(Answers answers) {
        Allowed allowed = allowed(new RuleBuilder("production"), Map.of());
        return Policy.decideAnswers(allowed, answers.confirmation())
                .map(Denied::reasons)
                .orElse(List.of());
    }

    private static Allowed allowed(RuleBuilder builder, Map<String, String> changes) {
        EnvironmentRule rule = builder.build();
        var now = new Circumstances(ImageRef.parse("gitops-executor/job:1"), Instant.parse("2026-11-24T04:00:00Z"));
        return (Allowed) new Policy(Map.of(rule.name(), rule)).decide(TestIdentities.with(changes), now);
    }
}
