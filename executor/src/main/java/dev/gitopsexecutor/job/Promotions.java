package dev.gitopsexecutor.job;

import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.deploy.DeployOutcome;
import dev.gitopsexecutor.ledger.DeploymentRecord;
import dev.gitopsexecutor.ledger.Ledger;
import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.ProjectId;
import dev.gitopsexecutor.policy.Allowed;
import dev.gitopsexecutor.policy.Evidence;
import dev.gitopsexecutor.policy.PromotionCheck;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Takes from the ledger what the tier below has proven. */
final class Promotions {
    /** More than anybody deploys in the time for which evidence holds. */
    private static final int MOST = 10_000;

    /** What ended so says nothing of its images. */
    private static final Set<String> SILENT = Set.of(
            DeployOutcome.CANCELED,
            DeploymentRecord.NOTHING_CHANGED,
            DeploymentRecord.ROTATION_BEGUN,
            DeploymentRecord.ROTATION_FAILED);

    /** What ended so may be on hosts still, with nothing proven. */
    private static final Set<String> STAYED =
            Set.of("stopped", "mixed", "overtaken", "rollback_failed", DeploymentRecord.BEGUN);

    private Promotions() {}

    /**
     * Empty when the policy asks for no evidence, or need knows no law.
     *
     * @param keys names of the variables that the release has, or does deliberately without
     */
    static Optional<PromotionCheck> check(ExecutorConfig config, Allowed allowed, Set<EnvKey> keys, Instant now) {
        if (allowed.brokenGlass().isPresent()) {
            return Optional.empty();
        }
        return allowed.environment().gates().promotion().map(rule -> {
            try (Ledger ledger = Ledger.open(Ledger.in(config.stateDir()))) {
                ProjectId project = allowed.identity().projectId();
                return new PromotionCheck(
                        rule,
                        evidence(ledger.recent(rule.from(), project, MOST)),
                        evidence(ledger.recent(allowed.environment().name(), project, MOST)),
                        keys,
                        now);
            }
        });
    }

    private static List<Evidence> evidence(List<DeploymentRecord> deployments) {
        return deployments.stream()
                .filter(deployment -> !isSilent(deployment))
                .map(Promotions::evidence)
                .toList();
    }

    /** Going back that was taken back itself says nothing of images that were proven before. */
    private static boolean isSilent(DeploymentRecord deployment) {
        boolean failedReturn = deployment.kind() == DeploymentRecord.Kind.ROLLBACK
                && !deployment.verified()
                && !STAYED.contains(deployment.outcome());
        return failedReturn || SILENT.contains(deployment.outcome());
    }

    private static Evidence evidence(DeploymentRecord deployment) {
        return new Evidence(
                deployment.finished(),
                deployment.verified(),
                deployment.images().values().stream()
                        .flatMap(image -> ImageRef.parse(image).digest().stream())
                        .collect(Collectors.toSet()),
                deployment.variables(),
                STAYED.contains(deployment.outcome()));
    }
}
