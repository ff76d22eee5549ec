package dev.gitopsexecutor.model;

/** What people are told of, as the policy chooses it for each environment. */
public enum DeployEvent {
    /** A deploy begins. */
    STARTED,
    /** Every host runs the wanted release, proven. */
    SUCCEEDED,
    /** The job is red, and nobody put the earlier release back everywhere: nothing was changed, or hosts need a look. */
    FAILED,
    /** An earlier release is back: since a deploy failed, or on purpose. */
    ROLLED_BACK,
    /** The policy said no. */
    DENIED,
    /** What runs is no longer what was proven there. */
    DRIFT
}
