package dev.gitopsexecutor.policy;

import dev.gitopsexecutor.identity.Confirmation;
import dev.gitopsexecutor.identity.Finding;
import dev.gitopsexecutor.identity.JobClaims;
import dev.gitopsexecutor.identity.Questions;
import dev.gitopsexecutor.identity.VerifiedIdentity;
import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.model.ImageRef;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/** The security team's rules; what none of them allows is denied. */
public record Policy(Map<EnvironmentName, EnvironmentRule> environments) {
    /** The name of the check of the job's own image. */
    public static final String JOB_IMAGE = JobCheck.JOB_IMAGE.code();

    /** The name of the check of the images of its {@code services:}. */
    public static final String SERVICES = JobCheck.SERVICES.code();

    private static final String RELEASE_IMAGE = "release_image";
    private static final String PUBLIC_URL = "public_url";
    private static final String ROLLBACKS = "rollbacks";
    private static final String SECRET_AGE = "secret_age";

    public Policy {
        environments = Map.copyOf(environments);
    }

    /** Decides for the environment that the ID token claims; nothing else names one. */
    public Decision decide(VerifiedIdentity identity, Circumstances now) {
        return Denied.ofFailed(explain(identity, now))
                .<Decision>map(denied -> denied)
                .orElseGet(() -> new Allowed(identity, ruleFor(identity).orElseThrow(), now));
    }

    /** How every check comes out for these claims; with the environment alone when no rule is there to compare. */
    public List<Finding> explain(JobClaims job, Circumstances now) {
        return ruleFor(job)
                .map(rule -> findings(job, now, rule))
                .orElseGet(() -> List.of(unknownEnvironment(claimed(job))));
    }

    /** The same, for a job that may claim another environment. */
    public List<Finding> explain(JobClaims job, Circumstances now, EnvironmentName environment) {
        return Optional.ofNullable(environments.get(environment))
                .map(rule -> findings(job, now, rule))
                .orElseGet(() -> List.of(unknownEnvironment("\"%s\"".formatted(environment))));
    }

    private static List<Finding> findings(JobClaims job, Circumstances now, EnvironmentRule rule) {
        return Arrays.stream(JobCheck.values())
                .map(check -> check.finding(job, now, rule))
                .toList();
    }

    /** What GitLab has to say before a job of this rule may go on. */
    public static Questions questions(Allowed allowed) {
        return questions(allowed.identity(), allowed.environment());
    }

    private static Questions questions(JobClaims job, EnvironmentRule rule) {
        boolean deploys = job.deploys();
        return new Questions(
                deploys,
                rule.needsProtectedRef(),
                rule.jobs().protectedEnvironment(),
                deploys && rule.gates().startedByHand());
    }

    /** Empty when nothing that GitLab says speaks against the job. */
    public static Optional<Denied> decideAnswers(Allowed allowed, Confirmation answers) {
        return Denied.ofFailed(Arrays.stream(GitLabCheck.values())
                .map(check -> check.finding(allowed.identity(), answers, allowed.environment()))
                .toList());
    }

    /** Names of the checks that follow once the job runs: of what GitLab says where it is asked, and of the release. */
    public List<String> laterChecks(JobClaims job, Optional<EnvironmentName> environment) {
        return environment
                .map(environments::get)
                .or(() -> ruleFor(job))
                .map(rule -> laterChecks(job, rule))
                .orElse(List.of());
    }

    private static List<String> laterChecks(JobClaims job, EnvironmentRule rule) {
        Questions questions = questions(job, rule);
        List<String> names = new ArrayList<>();
        Arrays.stream(GitLabCheck.values())
                .filter(check -> check.isAbout(questions))
                .map(GitLabCheck::code)
                .forEach(names::add);
        if (job.deploys() || job.prepares()) {
            names.add(RELEASE_IMAGE);
        }
        if (job.deploys()) {
            names.add(PUBLIC_URL);
            rule.jobs().rollbacks().ifPresent(_ -> names.add(ROLLBACKS));
            rule.secretAge().block().ifPresent(_ -> names.add(SECRET_AGE));
            rule.gates().promotion().ifPresent(_ -> names.addAll(List.of(PromotionCheck.CODE, PromotionCheck.KEYS)));
        }
        return List.copyOf(names);
    }

    /** The rule of the environment that the job claims. */
    public Optional<EnvironmentRule> ruleFor(JobClaims job) {
        return environments.values().stream()
                .filter(rule -> job.environment().equals(Optional.of(rule.name().value())))
                .findAny();
    }

    private static String claimed(JobClaims job) {
        if (job.environment().isEmpty()) {
            return "the job names no environment";
        }
        try {
            return "\"%s\"".formatted(new EnvironmentName(job.environment().get()));
        } catch (IllegalArgumentException refused) {
            return String.valueOf(refused.getMessage());
        }
    }

    /**
     * Empty when the images that the job's names stand for are ones that its containers may run.
     *
     * @param jobImage the job's own image, with its digest where it has one
     * @param services likewise, in the order of {@link Allowed#services}
     */
    public static Optional<Denied> decideJobImages(Allowed allowed, ImageRef jobImage, List<ImageRef> services) {
        List<Finding> findings = new ArrayList<>();
        EnvironmentRule rule = allowed.environment();
        findings.add(finding(JOB_IMAGE, rule.jobs().images(), allowed.jobImage(), jobImage));
        for (int number = 0; number < services.size(); number++) {
            ImageRef written = allowed.services().get(number);
            findings.add(finding(SERVICES, rule.sandbox().services(), written, services.get(number)));
        }
        return Denied.ofFailed(findings);
    }

    private static Finding finding(String check, ImageRule rule, ImageRef written, ImageRef resolved) {
        return new Finding(
                check,
                rule.allows(written, resolved),
                resolved.digest()
                        .map(digest -> "%s, which is %s".formatted(written, digest))
                        .orElse(written + ", which is in no registry and so has no digest"),
                Wording.oneOf(rule.names()),
                "Use the image that the policy names, or ask the owner of policy.yaml for the new digest.");
    }

    /** Empty when every image of the release is of a repository that the environment may run. */
    public static Optional<Denied> decideRelease(Allowed allowed, Collection<ImageRef> images) {
        return decideImages(allowed.environment(), images);
    }

    /** The same, where no job asks. */
    public static Optional<Denied> decideImages(EnvironmentRule rule, Collection<ImageRef> images) {
        List<String> repositories = rule.images();
        return Denied.ofFailed(images.stream()
                .map(image -> new Finding(
                        RELEASE_IMAGE,
                        repositories.contains(image.repository()),
                        image.toString(),
                        Wording.oneOf(repositories),
                        "Deploy an image of these repositories, or ask the owner of policy.yaml for another."))
                .toList());
    }

    /** Empty when this machine may connect to all these places to check a release. */
    public static Optional<Denied> decidePublicPlaces(Allowed allowed, Collection<URI> places) {
        CheckRule rule = allowed.environment().checks();
        return Denied.ofFailed(places.stream()
                .map(asked -> new Finding(
                        PUBLIC_URL,
                        rule.allows(asked),
                        asked.toString(),
                        rule.publicHosts().isEmpty()
                                ? "no public URL, since checks.public_hosts names no host"
                                : "a URL on " + Wording.oneOf(rule.publicHosts()),
                        "Correct `url` of the environment, or the check, in .gitops/deploy.yaml, or ask the owner of policy.yaml to add its"
                                + " host to checks.public_hosts."))
                .toList());
    }

    /** Empty when who started the job may go back to an earlier release with it. */
    public static Optional<Denied> decideRollback(Allowed allowed) {
        VerifiedIdentity job = allowed.identity();
        return allowed.environment()
                .jobs()
                .rollbacks()
                .flatMap(
                        people -> Denied.ofFailed(
                                List.of(
                                        new Finding(
                                                ROLLBACKS,
                                                people.includeStarterOf(job),
                                                "user %d (%s), %s"
                                                        .formatted(
                                                                job.userId(),
                                                                job.userLogin(),
                                                                job.userRole().orElse("role unknown")),
                                                people.wanted(),
                                                "Have the job started by somebody whom the policy names under `rollbacks`; or revert the commit."))));
    }

    /**
     * Empty when no secret of the release is too old, or the glass is broken.
     *
     * @param ages by the secret's name, in words that may be printed
     */
    public static Optional<Denied> decideSecretAges(Allowed allowed, SortedMap<String, Duration> ages) {
        SecretAgeRule rule = allowed.environment().secretAge();
        if (allowed.brokenGlass().isPresent()) {
            return Optional.empty();
        }
        return rule.block()
                .flatMap(limit -> Denied.ofFailed(ages.entrySet().stream()
                        .map(secret -> new Finding(
                                SECRET_AGE,
                                rule.of(secret.getValue()) != SecretAge.BLOCKED,
                                "%s is %d days old"
                                        .formatted(
                                                secret.getKey(),
                                                secret.getValue().toDays()),
                                "less than %d days".formatted(limit.toDays()),
                                "Write a new value in Vault, or have an operator break the glass (`gitops-executor"
                                        + " break-glass`)."))
                        .toList()));
    }

    /**
     * Whether an operator may change what runs in the environment now, with what it already has.
     *
     * @param operator as the machine knows them
     */
    public static MaintenanceDecision decideMaintenance(
            EnvironmentRule rule, String operator, Instant now, boolean glassIsBroken) {
        return Maintenance.decide(rule, operator, now, glassIsBroken);
    }

    private Finding unknownEnvironment(String saw) {
        List<String> names = environments.keySet().stream()
                .map(EnvironmentName::value)
                .sorted()
                .toList();
        return new Finding(
                "environment",
                false,
                saw,
                Wording.oneOf(names),
                "Write `environment:` with one of these names into the job.");
    }
}
