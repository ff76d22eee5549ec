package dev.gitopsexecutor.policy;

import dev.gitopsexecutor.identity.Comparison;
import dev.gitopsexecutor.identity.Finding;
import dev.gitopsexecutor.identity.JobClaims;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.ProjectId;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Each condition that a job must meet, in the order in which it is looked at. All of them must hold. */
enum JobCheck {
    ENVIRONMENT_CLAIM("Write `environment: {name: …}` of that environment into the job.") {
        @Override
        Comparison compare(JobClaims job, Circumstances now, EnvironmentRule rule) {
            return equal(job.environment().orElse("none"), rule.name().value());
        }
    },
    ENVIRONMENT_ACTION("Take another `environment:action`: nothing describes how to take an environment down.") {
        @Override
        Comparison compare(JobClaims job, Circumstances now, EnvironmentRule rule) {
            return among(job.environmentAction(), ACTIONS);
        }
    },
    ENVIRONMENT_PROTECTED("Protect the environment in GitLab: Settings, CI/CD, Protected environments.") {
        @Override
        Comparison compare(JobClaims job, Circumstances now, EnvironmentRule rule) {
            String saw = job.environmentProtected() ? "protected" : "not protected";
            return rule.jobs().protectedEnvironment() ? equal(saw, "protected") : any(saw);
        }
    },
    PROJECT("Run the job in a project that the policy names, or ask the owner of policy.yaml for it.") {
        @Override
        Comparison compare(JobClaims job, Circumstances now, EnvironmentRule rule) {
            return new Comparison(
                    rule.jobs().projects().contains(job.projectId()),
                    "%s (%s)".formatted(job.projectId(), job.projectPath()),
                    Wording.oneOf(sorted(rule.jobs().projects().stream().map(ProjectId::toString))));
        }
    },
    NAMESPACE("Move the project back into its group, or ask the owner of policy.yaml for `namespaces`.") {
        @Override
        Comparison compare(JobClaims job, Circumstances now, EnvironmentRule rule) {
            OptionalLong id = job.namespaceId();
            String saw = id.isPresent() ? Long.toString(id.getAsLong()) : "none";
            return rule.jobs()
                    .namespaces()
                    .map(allowed -> among(
                            saw, allowed.stream().sorted().map(String::valueOf).toList()))
                    .orElseGet(() -> any(saw));
        }
    },
    REF("Run the job on a branch or tag that the policy names: merge into it first.") {
        @Override
        Comparison compare(JobClaims job, Circumstances now, EnvironmentRule rule) {
            boolean matches = rule.jobs().refs().stream().anyMatch(text -> new RefPattern(text).matches(job.refPath()));
            return new Comparison(
                    matches, job.refPath(), Wording.oneOf(rule.jobs().refs()));
        }
    },
    REF_PROTECTED("Protect the branch or tag in GitLab: Settings, Repository; then run a new pipeline.") {
        @Override
        Comparison compare(JobClaims job, Circumstances now, EnvironmentRule rule) {
            String saw = job.refProtected() ? "protected" : "not protected";
            return rule.needsProtectedRef() ? equal(saw, "protected") : any(saw);
        }
    },
    PIPELINE_SOURCE(
            "Start the pipeline in one of these ways, or ask the owner of policy.yaml for `pipeline_sources`.") {
        @Override
        Comparison compare(JobClaims job, Circumstances now, EnvironmentRule rule) {
            return among(job.pipelineSource(), sorted(rule.jobs().pipelineSources().stream()));
        }
    },
    CI_CONFIG("Keep .gitlab-ci.yml in the project itself and run it from the branch or tag that is deployed.") {
        @Override
        Comparison compare(JobClaims job, Circumstances now, EnvironmentRule rule) {
            String saw = "%s at %s"
                    .formatted(
                            job.ciConfigRefUri().orElse("none"),
                            job.ciConfigSha().orElse("no commit"));
            return rule.jobs().ownCiConfig()
                    ? new Comparison(
                            isOwn(job),
                            saw,
                            "a file of %s@%s at %s".formatted(job.projectPath(), job.refPath(), job.sha()))
                    : any(saw);
        }
    },
    STARTER("Have the job started by somebody whom the policy names under `starters`.") {
        @Override
        Comparison compare(JobClaims job, Circumstances now, EnvironmentRule rule) {
            String saw = "user %d (%s), %s"
                    .formatted(job.userId(), job.userLogin(), job.userRole().orElse("role unknown"));
            return rule.jobs()
                    .starters()
                    .map(starters -> new Comparison(starters.includeStarterOf(job), saw, starters.wanted()))
                    .orElseGet(() -> any(saw));
        }
    },
    JOB_IMAGE("Write `image:` of the job as the policy has it.") {
        @Override
        Comparison compare(JobClaims job, Circumstances now, EnvironmentRule rule) {
            return new Comparison(
                    rule.jobs().images().mayAllow(now.jobImage()),
                    now.jobImage().toString(),
                    Wording.oneOf(rule.jobs().images().names()));
        }
    },
    SERVICES("Remove `services:`, or ask the owner of policy.yaml for `service_images`.") {
        @Override
        Comparison compare(JobClaims job, Circumstances now, EnvironmentRule rule) {
            ImageRule allowed = rule.sandbox().services();
            return new Comparison(
                    now.services().size() <= MAX_SERVICES
                            && now.services().stream().allMatch(allowed::mayAllow),
                    named(now.services()),
                    allowed.entries().isEmpty()
                            ? "none"
                            : "none, or at most %d of %s".formatted(MAX_SERVICES, Wording.oneOf(allowed.names())));
        }
    },
    FREEZE("Wait until it ends, or have an operator break the glass (`gitops-executor break-glass`) for whom the policy"
            + " names under `break_glass`.") {
        @Override
        Comparison compare(JobClaims job, Circumstances now, EnvironmentRule rule) {
            Optional<Freeze> freeze = rule.gates().freezeAt(now.time());
            return new Comparison(
                    freeze.isEmpty()
                            || !job.deploys()
                            || rule.gates().glassFor(job, now).isPresent(),
                    freeze.map(Freeze::toString).orElse("none"),
                    "no freeze at %s, or broken glass for %s"
                            .formatted(
                                    now.time().truncatedTo(ChronoUnit.SECONDS),
                                    rule.gates()
                                            .breakGlass()
                                            .map(People::wanted)
                                            .orElse("nobody")));
        }
    };

    /** Each may use as much of the machine as the script. */
    private static final int MAX_SERVICES = 5;

    private static final String CI_FILE = "[\\w.-][\\w. -]*(?:/[\\w. -]+)*";

    /** {@code stop} takes an environment down, which no deploy file describes. */
    private static final List<String> ACTIONS = List.of("start", "prepare", "verify", "access");

    private final String next;

    JobCheck(String next) {
        this.next = next;
    }

    abstract Comparison compare(JobClaims job, Circumstances now, EnvironmentRule rule);

    /** Names it to readers: {@code ref_protected}. */
    String code() {
        return name().toLowerCase(Locale.ROOT);
    }

    Finding finding(JobClaims job, Circumstances now, EnvironmentRule rule) {
        return compare(job, now, rule).of(code(), next);
    }

    private static String named(List<ImageRef> services) {
        if (services.size() > MAX_SERVICES) {
            return "%d of them".formatted(services.size());
        }
        return services.isEmpty()
                ? "none"
                : services.stream().map(ImageRef::toString).collect(Collectors.joining(", "));
    }

    private static Comparison any(String saw) {
        return new Comparison(true, saw, "anything");
    }

    private static Comparison equal(String saw, String wanted) {
        return new Comparison(saw.equals(wanted), saw, wanted);
    }

    private static Comparison among(String saw, Collection<String> allowed) {
        return new Comparison(allowed.contains(saw), saw, Wording.oneOf(allowed));
    }

    private static List<String> sorted(Stream<String> values) {
        return values.sorted().toList();
    }

    /** Exactly: the file may be named by a URL, or with a project and ref of its own, which would then stand in the middle. */
    private static boolean isOwn(JobClaims job) {
        Pattern own = Pattern.compile(
                "[^/@]+/%s//%s@%s".formatted(Pattern.quote(job.projectPath()), CI_FILE, Pattern.quote(job.refPath())));
        return job.ciConfigRefUri().filter(own.asMatchPredicate()).isPresent()
                && job.ciConfigSha().equals(Optional.of(job.sha().value()));
    }
}
