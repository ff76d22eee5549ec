package dev.gitopsexecutor.policy;

import dev.gitopsexecutor.identity.VerifiedIdentity;
import dev.gitopsexecutor.model.ImageRef;
import java.util.List;
import java.util.Optional;

/**
 * The policy's yes: this identity may act in this environment. Only {@link Policy} makes one. What GitLab itself and the
 * ledger must say comes on top ({@link Policy#decideAnswers}, {@link PromotionCheck}).
 */
public final class Allowed implements Decision, Permission {
    private final VerifiedIdentity identity;
    private final EnvironmentRule environment;
    private final Circumstances circumstances;

    Allowed(VerifiedIdentity identity, EnvironmentRule environment, Circumstances circumstances) {
        this.identity = identity;
        this.environment = environment;
        this.circumstances = circumstances;
    }

    public VerifiedIdentity identity() {
        return identity;
    }

    @Override
    public EnvironmentRule environment() {
        return environment;
    }

    /** Why freezes, skipped tiers and old secrets do not count for this job, if so. */
    public Optional<String> brokenGlass() {
        return environment.gates().glassFor(identity, circumstances);
    }

    /** In which the job's own script may run. */
    public ImageRef jobImage() {
        return circumstances.jobImage();
    }

    /** That may run beside it. */
    public List<ImageRef> services() {
        return circumstances.services();
    }
}
