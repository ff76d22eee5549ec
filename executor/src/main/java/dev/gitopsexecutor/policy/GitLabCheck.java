package dev.gitopsexecutor.policy;

import dev.gitopsexecutor.identity.Answer;
import dev.gitopsexecutor.identity.Answer.Known;
import dev.gitopsexecutor.identity.Answer.Unasked;
import dev.gitopsexecutor.identity.Answer.Unknown;
import dev.gitopsexecutor.identity.Answer.Unreachable;
import dev.gitopsexecutor.identity.Comparison;
import dev.gitopsexecutor.identity.Confirmation;
import dev.gitopsexecutor.identity.Finding;
import dev.gitopsexecutor.identity.JobClaims;
import dev.gitopsexecutor.identity.Questions;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.function.Function;

/** Each condition on what GitLab itself says of a job, in the moment of the decision. All of them must hold. */
enum GitLabCheck {
    JOB_RUNNING("Retry the job; GitLab says something else of it than its ID token.") {
        @Override
        Comparison compare(JobClaims job, Confirmation answers, EnvironmentRule rule) {
            String wanted = shown(new Confirmation.Job(
                    "running",
                    job.jobId().value(),
                    job.pipelineId(),
                    job.userId(),
                    job.sha(),
                    OptionalLong.of(job.runnerId())));
            return whenAsked(answers.job(), wanted, saw -> {
                OptionalLong runner = saw.runner().isPresent() ? saw.runner() : OptionalLong.of(job.runnerId());
                return shown(
                        new Confirmation.Job(saw.status(), saw.id(), saw.pipeline(), saw.user(), saw.sha(), runner));
            });
        }
    },
    DEPLOYMENT(
            "See the deployments of the environment in GitLab: the job must deploy to it, with every approval given.") {
        @Override
        Comparison compare(JobClaims job, Confirmation answers, EnvironmentRule rule) {
            return whenAsked(
                    answers.deployment(), shown(new Confirmation.Deployment(job.sha(), 0)), GitLabCheck::shown);
        }
    },
    REF_PROTECTED_NOW("Protect the branch or tag again in GitLab: Settings, Repository.") {
        @Override
        Comparison compare(JobClaims job, Confirmation answers, EnvironmentRule rule) {
            return whenAsked(answers.protectedRef(), PROTECTED, GitLabCheck::protection);
        }
    },
    ENVIRONMENT_PROTECTED_NOW("Protect the environment again in GitLab: Settings, CI/CD, Protected environments.") {
        @Override
        Comparison compare(JobClaims job, Confirmation answers, EnvironmentRule rule) {
            return whenAsked(answers.protectedEnvironment(), PROTECTED, GitLabCheck::protection);
        }
    },
    START_BY_HAND(
            "Write `when: manual` into the job and press its button. Where GitLab cannot be asked, set"
                    + " `gitlab.confirm_jobs` and `gitlab.api_token_file` in executor.yaml, or `start: automatic` in policy.yaml.") {
        @Override
        Comparison compare(JobClaims job, Confirmation answers, EnvironmentRule rule) {
            Comparison start =
                    whenAsked(answers.startedByHand(), BY_HAND, byHand -> byHand ? BY_HAND : "automatically");
            boolean mustKnow = rule.gates().startedByHand() && job.deploys();
            // No claim of the token says so: not to know it is to deny.
            return new Comparison(
                    start.holds() && (!mustKnow || answers.startedByHand() instanceof Known<Boolean>),
                    start.saw(),
                    start.wanted());
        }
    };

    private static final String PROTECTED = "protected";
    private static final String BY_HAND = "by hand";

    private final String next;

    GitLabCheck(String next) {
        this.next = next;
    }

    /** Whether one of the questions is for this check. */
    boolean isAbout(Questions questions) {
        return switch (this) {
            case JOB_RUNNING -> true;
            case DEPLOYMENT -> questions.deployment();
            case REF_PROTECTED_NOW -> questions.protectedRef();
            case ENVIRONMENT_PROTECTED_NOW -> questions.protectedEnvironment();
            case START_BY_HAND -> questions.startedByHand();
        };
    }

    /** Names it to readers: {@code job_running}. */
    String code() {
        return name().toLowerCase(Locale.ROOT);
    }

    abstract Comparison compare(JobClaims job, Confirmation answers, EnvironmentRule rule);

    Finding finding(JobClaims job, Confirmation answers, EnvironmentRule rule) {
        return compare(job, answers, rule).of(code(), next);
    }

    private static <T> Comparison whenAsked(Answer<T> answer, String wanted, Function<T, String> shown) {
        return switch (answer) {
            case Known<T>(T value) -> {
                String saw = shown.apply(value);
                yield new Comparison(saw.equals(wanted), saw, wanted);
            }
            case Unknown<T>(String saw) -> new Comparison(false, saw, wanted);
            case Unreachable<T>(String saw) -> new Comparison(true, "no answer: " + saw, wanted);
            case Unasked<T>(String why) -> new Comparison(true, "not asked: " + why, wanted);
        };
    }

    private static String shown(Confirmation.Job job) {
        return "job %d %s, pipeline %d, user %d, commit %s, runner %d"
                .formatted(
                        job.id(),
                        job.status(),
                        job.pipeline(),
                        job.user(),
                        job.sha(),
                        job.runner().orElseThrow());
    }

    private static String shown(Confirmation.Deployment deployment) {
        return "runs at %s, %d approvals pending".formatted(deployment.sha(), deployment.pendingApprovals());
    }

    private static String protection(boolean isProtected) {
        return isProtected ? PROTECTED : "not protected";
    }
}
