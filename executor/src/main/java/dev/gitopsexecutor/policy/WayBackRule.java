package dev.gitopsexecutor.policy;

/** What becomes of a deploy that could not be undone, because images of the release before are gone. */
public enum WayBackRule {
    /** It is refused. */
    REQUIRED,
    /** It is warned of. */
    BEST_EFFORT;

    /** Where the policy does not say. */
    public static WayBackRule of(Tier tier) {
        return tier == Tier.PRODUCTION ? REQUIRED : BEST_EFFORT;
    }
}
