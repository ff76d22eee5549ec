package dev.gitopsexecutor.job;

import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.config.PolicyFile;
import dev.gitopsexecutor.failure.Blame;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.failure.Shown;
import dev.gitopsexecutor.identity.ApiSettings;
import dev.gitopsexecutor.identity.Confirmation;
import dev.gitopsexecutor.identity.Finding;
import dev.gitopsexecutor.identity.GitLabApi;
import dev.gitopsexecutor.identity.IdTokenVerifier;
import dev.gitopsexecutor.identity.JobFacts;
import dev.gitopsexecutor.identity.Refused;
import dev.gitopsexecutor.identity.TokenVariable;
import dev.gitopsexecutor.identity.VerifiedIdentity;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.policy.Allowed;
import dev.gitopsexecutor.policy.BreakGlass;
import dev.gitopsexecutor.policy.Circumstances;
import dev.gitopsexecutor.policy.Denied;
import dev.gitopsexecutor.policy.Policy;
import dev.gitopsexecutor.runner.JobResponse;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Proves who a job is and decides whether it may go on; both again before the deploy, since proofs are not stored. Every
 * decision is one line of the audit log, written before anybody acts on it.
 */
final class Admission {
    private final ExecutorConfig config;
    private final JobResponse response;
    private final PolicyFile policy;
    private final DecisionLog decisions;
    private final InstantSource clock;
    private final JobLog log;

    /**
     * Reads the policy.
     *
     * @param act what the job is to be allowed, as the audit log has it
     */
    Admission(ExecutorConfig config, JobResponse response, String act, InstantSource clock, JobLog log) {
        this.config = config;
        this.response = response;
        this.policy = PolicyFile.read(config.policyFile());
        this.decisions = new DecisionLog(config, response, act, policy.hash(), clock, log);
        this.clock = clock;
        this.log = log;
    }

    /** Throws what refuses the job, or what keeps anybody from deciding. */
    Allowed decide() {
        try {
            VerifiedIdentity identity = prove();
            try (var _ = log.section("gitops_policy", "Deciding by policy")) {
                Allowed allowed = decide(identity);
                confirm(allowed);
                decisions.allowed(allowed);
                log.fact("environment %s (%s): allowed by policy %s"
                        .formatted(
                                allowed.environment().name(),
                                allowed.environment().tier().name().toLowerCase(Locale.ROOT),
                                policy.shortHash()));
                allowed.brokenGlass()
                        .ifPresent(wish -> log.warning(
                                "  Glass is broken by %s: %s".formatted(identity.userLogin(), wish.reason())));
                return allowed;
            }
        } catch (ExecutorException failed) {
            if (failed.blame() == Blame.SYSTEM && failed.code() != FailureCode.AUDIT_FAILED) {
                decisions.undecided(failed.failure());
            }
            throw failed;
        }
    }

    /** Throws when something that turned up later speaks against what was allowed. */
    void require(Optional<Denied> denial, Allowed allowed) {
        denial.ifPresent(denied -> {
            throw denied(denied, allowed.identity());
        });
    }

    private VerifiedIdentity prove() {
        try (var _ = log.section("gitops_identity", "Proving who the job is")) {
            String variable = config.tokenVariable();
            var token = new TokenVariable(variable, response.variableValues(variable));
            return switch (new IdTokenVerifier(config.issuer(), config.stateDir(), clock).verify(token, facts())) {
                case Refused refused -> {
                    decisions.refused(refused);
                    throw new ExecutorException(refused.failure());
                }
                case VerifiedIdentity identity -> {
                    print(identity);
                    yield identity;
                }
            };
        }
    }

    private JobFacts facts() {
        return new JobFacts(
                response.id(),
                response.projectId(),
                response.pipelineId(),
                response.userId(),
                response.ref(),
                response.refType(),
                response.sha(),
                response.refProtected());
    }

    private void print(VerifiedIdentity identity) {
        log.fact("job %s, pipeline %d, commit %s"
                .formatted(
                        identity.jobId(), identity.pipelineId(), identity.sha().abbreviated()));
        log.fact("project %s (id %s), started by %s (id %d)"
                .formatted(identity.projectPath(), identity.projectId(), identity.userLogin(), identity.userId()));
        log.fact("ref %s, %s".formatted(identity.refPath(), identity.refProtected() ? "protected" : "not protected"));
    }

    private Allowed decide(VerifiedIdentity identity) {
        var now = new Circumstances(jobImage(identity), response.hasServices(), clock.instant(), breakGlass(identity));
        return switch (policy.policy().decide(identity, now)) {
            case Denied denied -> throw denied(denied, identity);
            case Allowed allowed -> allowed;
        };
    }

    private void confirm(Allowed allowed) {
        Confirmation answers = config.api()
                .map(api -> ask(api, allowed))
                .orElseGet(() -> Confirmation.none("executor.yaml does not say `gitlab.confirm_jobs: true`"));
        require(Policy.decideAnswers(allowed, answers), allowed);
    }

    private Confirmation ask(ApiSettings api, Allowed allowed) {
        try {
            Confirmation answers =
                    new GitLabApi(api).confirm(allowed.identity(), response.revealToken(), Policy.questions(allowed));
            log.fact("GitLab was asked about " + String.join(", ", answers.asked()));
            return answers;
        } catch (ExecutorException failed) {
            boolean mayGoOn = allowed.environment().gates().withoutGitLab();
            if (failed.code() != FailureCode.GITLAB_UNREACHABLE || !mayGoOn) {
                throw failed;
            }
            String saw = failed.failure().saw();
            log.warning("  GitLab could not be asked about the job (%s); the policy lets this environment go on."
                    .formatted(saw));
            return Confirmation.none("GitLab did not answer: " + saw);
        }
    }

    /** The image in which the job's author wants the script to run. */
    private ImageRef jobImage(VerifiedIdentity identity) {
        String next = "Write `image:` of the job as the policy has it, as repository:tag or repository@digest.";
        String name = response.image()
                .orElseThrow(
                        () -> denied(no("job_image", "none", "one of the environment's job images", next), identity));
        return parsed("job_image", name, ImageRef::parse, next, identity);
    }

    private Optional<BreakGlass> breakGlass(VerifiedIdentity identity) {
        List<String> values = response.variableValues(BreakGlass.VARIABLE).stream()
                .filter(value -> !value.isEmpty())
                .toList();
        String next = "Set the variable %s once, when you start the job, or not at all.".formatted(BreakGlass.VARIABLE);
        if (values.size() > 1) {
            throw denied(no("break_glass", values.size() + " values", "one", next), identity);
        }
        return values.stream()
                .findFirst()
                .map(value -> parsed("break_glass", value, BreakGlass::parse, next, identity));
    }

    private <T> T parsed(String check, String text, Function<String, T> parse, String next, VerifiedIdentity identity) {
        try {
            return parse.apply(text);
        } catch (IllegalArgumentException refused) {
            throw denied(no(check, Shown.quoted(text), String.valueOf(refused.getMessage()), next), identity);
        }
    }

    private static Denied no(String check, String saw, String wanted, String next) {
        return new Denied(List.of(new Finding(check, false, saw, wanted, next)));
    }

    /** What refuses a job, with every reason and where each rule stands. */
    private ExecutorException denied(Denied denied, VerifiedIdentity identity) {
        decisions.denied(identity, denied);
        String reasons = denied.reasons().stream().map(Finding::sentence).collect(Collectors.joining("\n"));
        return new ExecutorException(new Failure(
                FailureCode.POLICY_DENIED,
                "deploy " + identity.projectPath(),
                "environment %s, asked for by %s from %s"
                        .formatted(identity.environment().orElse("(none)"), identity.userLogin(), identity.refPath()),
                reasons,
                denied.reasons().getFirst().next()));
    }
}
