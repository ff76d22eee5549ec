package dev.gitopsexecutor.policy;

import dev.gitopsexecutor.identity.Finding;
import dev.gitopsexecutor.identity.JobClaims;
import dev.gitopsexecutor.identity.VerifiedIdentity;
import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.model.ImageRef;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The security team's rules; what none of them allows is denied. */
public record Policy(Map<EnvironmentName, EnvironmentRule> environments) {

    public Policy {
        environments = Map.copyOf(environments);
    }

    /** Decides for the environment that the ID token claims; nothing else names one. */
    public Decision decide(VerifiedIdentity identity, ImageRef jobImage) {
        List<Finding> reasons = explain(identity, jobImage).stream()
                .filter(finding -> !finding.holds())
                .toList();
        return reasons.isEmpty() ? new Allowed(identity, claimedRule(identity).orElseThrow()) : new Denied(reasons);
    }

    /** How every check comes out for these claims; with the environment alone when no rule is there to compare. */
    public List<Finding> explain(JobClaims job, ImageRef jobImage) {
        return claimedRule(job)
                .map(rule -> findings(job, jobImage, rule))
                .orElseGet(() -> List.of(unknownEnvironment(claimed(job))));
    }

    /** The same, for a job that may claim another environment. */
    public List<Finding> explain(JobClaims job, ImageRef jobImage, EnvironmentName environment) {
        return Optional.ofNullable(environments.get(environment))
                .map(rule -> findings(job, jobImage, rule))
                .orElseGet(() -> List.of(unknownEnvironment("\"%s\"".formatted(environment))));
    }

    private static List<Finding> findings(JobClaims job, ImageRef jobImage, EnvironmentRule rule) {
        return Arrays.stream(JobCheck.values())
                .map(check -> check.finding(job, jobImage, rule))
                .toList();
    }

    private Optional<EnvironmentRule> claimedRule(JobClaims job) {
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

    /** Empty when every image of the release is of a repository that the environment may run. */
    public static Optional<Denied> decideRelease(Allowed allowed, Collection<ImageRef> images) {
        List<String> repositories = allowed.environment().images();
        List<Finding> reasons = images.stream()
                .filter(image -> !repositories.contains(image.repository()))
                .map(image -> new Finding(
                        "release_image",
                        false,
                        image.toString(),
                        Wording.oneOf(repositories),
                        "Deploy an image of these repositories, or ask the owner of policy.yaml for another."))
                .toList();
        return reasons.isEmpty() ? Optional.empty() : Optional.of(new Denied(reasons));
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
