package dev.gitopsexecutor.policy;

import dev.gitopsexecutor.identity.VerifiedIdentity;
import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.policy.Denied.Reason;
import java.util.ArrayList;
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
        Optional<String> claimed = identity.environment();
        if (claimed.isEmpty()) {
            return unknownEnvironment("the job names no environment");
        }
        try {
            return decide(new DeployRequest(identity, new EnvironmentName(claimed.get()), jobImage));
        } catch (IllegalArgumentException refused) {
            return unknownEnvironment(String.valueOf(refused.getMessage()));
        }
    }

    /** Denied with every reason; with that alone when the environment is unknown, since no rule is there to compare. */
    public Decision decide(DeployRequest request) {
        EnvironmentRule rule = environments.get(request.environment());
        if (rule == null) {
            return unknownEnvironment("\"%s\"".formatted(request.environment()));
        }
        List<Reason> reasons = new ArrayList<>();
        for (JobCheck check : JobCheck.values()) {
            check.failure(request, rule).ifPresent(reasons::add);
        }
        return reasons.isEmpty() ? new Allowed(request.identity(), rule) : new Denied(reasons);
    }

    /** Empty when every image of the release is of a repository that the environment may run. */
    public static Optional<Denied> decideRelease(Allowed allowed, Collection<ImageRef> images) {
        List<String> repositories = allowed.environment().images();
        List<Reason> reasons = images.stream()
                .filter(image -> !repositories.contains(image.repository()))
                .map(image -> new Reason("release_image", image.toString(), Wording.oneOf(repositories)))
                .toList();
        return reasons.isEmpty() ? Optional.empty() : Optional.of(new Denied(reasons));
    }

    private Denied unknownEnvironment(String saw) {
        List<String> names = environments.keySet().stream()
                .map(EnvironmentName::value)
                .sorted()
                .toList();
        return new Denied(List.of(new Reason("environment", saw, Wording.oneOf(names))));
    }
}
