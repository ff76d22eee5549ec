package dev.gitopsexecutor.job;

import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.config.PolicyFile;
import dev.gitopsexecutor.failure.Blame;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.failure.Shown;
import dev.gitopsexecutor.identity.Confirmation;
import dev.gitopsexecutor.identity.Finding;
import dev.gitopsexecutor.identity.GitLabApi;
import dev.gitopsexecutor.identity.IdTokenVerifier;
import dev.gitopsexecutor.identity.JobFacts;
import dev.gitopsexecutor.identity.Refused;
import dev.gitopsexecutor.identity.TokenVariable;
import dev.gitopsexecutor.identity.VerifiedIdentity;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.ledger.BrokenGlass;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.policy.Allowed;
import dev.gitopsexecutor.policy.Circumstances;
import dev.gitopsexecutor.policy.Denied;
import dev.gitopsexecutor.policy.EnvironmentRule;
import dev.gitopsexecutor.policy.Policy;
import dev.gitopsexecutor.runner.JobResponse;
import dev.gitopsexecutor.runner.Service;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Proves who a job is and decides whether it may go on; both again before the deploy, since proofs are not stored. Every
 * decision is one line of the audit log, a yes before anybody acts on it.
 */
final class Admission {
    /** The engine's lists show it whole, for as long as the job runs. */
    private static final int MAX_SERVICE = 32 * 1024;

    private final ExecutorConfig config;
    private final JobResponse response;
    private final PolicyFile policy;
    private final DecisionLog decisions;
    private final InstantSource clock;
    private final JobLog log;
    private @Nullable VerifiedIdentity proven;

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
        return undecidedWhenFailing(() -> {
            VerifiedIdentity identity = prove();
            try (var _ = log.section("gitops_policy", "Deciding by policy")) {
                Allowed allowed = decide(identity);
                confirm(allowed);
                log.fact("environment %s (%s): allowed by policy %s"
                        .formatted(
                                allowed.environment().name(),
                                allowed.environment().tier().lowerCase(),
                                policy.shortHash()));
                allowed.brokenGlass().ifPresent(reason -> log.warning("  The glass is broken: " + reason));
                return allowed;
            }
        });
    }

    /** Who the job is, once that is proven. */
    Optional<VerifiedIdentity> identity() {
        return Optional.ofNullable(proven);
    }

    /** What the policy says of the environment that a proven job names, whether or not it allows the job. */
    Optional<EnvironmentRule> rule() {
        return identity().flatMap(policy.policy()::ruleFor);
    }

    /** Decides by the policy once more, since time has passed. */
    void decideAgain(Allowed allowed) {
        undecidedWhenFailing(() -> decide(allowed.identity()));
    }

    /** Throws when something that turned up later speaks against what was allowed. */
    void require(Optional<Denied> denial, Allowed allowed) {
        denial.ifPresent(denied -> {
            throw denied(denied, allowed.identity());
        });
    }

    /** Writes the yes down, before anybody acts on it; throws {@code AUDIT_FAILED}. */
    void allow(Allowed allowed, String act) {
        decisions.allowed(allowed, act);
    }

    /** Without such a fact there is no decision, whoever is to blame; the log has that too. */
    <T> T undecidedWithout(Supplier<T> fact) {
        return undecidedWhen(_ -> true, fact);
    }

    /** A failure of ours on the way to a decision is one of the log too; one of the job's is the decision itself. */
    <T> T undecidedWhenFailing(Supplier<T> decision) {
        return undecidedWhen(failed -> failed.blame() == Blame.SYSTEM, decision);
    }

    private <T> T undecidedWhen(Predicate<ExecutorException> undecided, Supplier<T> step) {
        try {
            return step.get();
        } catch (ExecutorException failed) {
            if (undecided.test(failed)) {
                decisions.undecided(failed.failure());
            }
            throw failed;
        }
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
                    proven = identity;
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
        var now = new Circumstances(jobImage(identity), services(identity), clock.instant(), brokenGlass(identity));
        return switch (policy.policy().decide(identity, now)) {
            case Denied denied -> throw denied(denied, identity);
            case Allowed allowed -> allowed;
        };
    }

    private Optional<String> brokenGlass(VerifiedIdentity identity) {
        return policy.policy()
                .ruleFor(identity)
                .flatMap(rule -> BrokenGlass.read(config.stateDir(), rule.name(), clock.instant()))
                .map(BrokenGlass::told);
    }

    private void confirm(Allowed allowed) {
        Confirmation answers = config.api()
                .map(api -> new GitLabApi(api)
                        .confirm(allowed.identity(), response.revealToken(), Policy.questions(allowed)))
                .orElseGet(() -> Confirmation.none("executor.yaml does not say `gitlab.confirm_jobs: true`"));
        if (config.api().isPresent()) {
            log.fact("GitLab was asked about " + String.join(", ", answers.asked()));
        }
        answers.unreachable().ifPresent(saw -> goOnWithoutGitLab(allowed, saw));
        require(Policy.decideAnswers(allowed, answers), allowed);
    }

    private void goOnWithoutGitLab(Allowed allowed, String saw) {
        if (!allowed.environment().gates().withoutGitLab()) {
            throw new ExecutorException(new Failure(
                    FailureCode.GITLAB_UNREACHABLE,
                    "ask GitLab about the job",
                    "%s, for environment %s"
                            .formatted(config.gitlab(), allowed.environment().name()),
                    saw,
                    "See that GitLab is up and can be reached from this machine, then retry the job."));
        }
        log.warning(
                "  GitLab could not be asked everything (%s); the policy lets this environment go on.".formatted(saw));
    }

    /** The image in which the job's author wants the script to run. */
    private ImageRef jobImage(VerifiedIdentity identity) {
        String name = response.image().orElseThrow(() -> noImage(Policy.JOB_IMAGE, "none", identity));
        return image(Policy.JOB_IMAGE, name, identity);
    }

    private List<ImageRef> services(VerifiedIdentity identity) {
        return response.services().stream()
                .map(service -> service(service, identity))
                .toList();
    }

    private ImageRef service(Service service, VerifiedIdentity identity) {
        if (service.length() > MAX_SERVICE) {
            throw denied(
                    new Denied(List.of(new Finding(
                            Policy.SERVICES,
                            false,
                            "entrypoint, command and variables of %d characters".formatted(service.length()),
                            "at most %d of them".formatted(MAX_SERVICE),
                            "Put into the service's image what it needs."))),
                    identity);
        }
        return image(Policy.SERVICES, service.image(), identity);
    }

    private ImageRef image(String check, String name, VerifiedIdentity identity) {
        try {
            return ImageRef.parse(name);
        } catch (IllegalArgumentException refused) {
            throw noImage(check, Shown.quoted(name), identity);
        }
    }

    private ExecutorException noImage(String check, String saw, VerifiedIdentity identity) {
        return denied(
                new Denied(List.of(new Finding(
                        check,
                        false,
                        saw,
                        "repository:tag or repository@digest",
                        "Write the names of images in the job as the policy has them."))),
                identity);
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
