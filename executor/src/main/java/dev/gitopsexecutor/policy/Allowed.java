package dev.gitopsexecutor.policy;

import dev.gitopsexecutor.identity.VerifiedIdentity;

/** The policy's yes: this identity may act in this environment. Only {@link Policy} makes one. */
public final class Allowed implements Decision {
    private final VerifiedIdentity identity;
    private final EnvironmentRule environment;

    Allowed(VerifiedIdentity identity, EnvironmentRule environment) {
        this.identity = identity;
        this.environment = environment;
    }

    public VerifiedIdentity identity() {
        return identity;
    }

    /** Whether the job deploys, or only runs its script beside an environment ({@code environment:action}). */
    public boolean deploys() {
        return identity.environmentAction().equals("start");
    }

    public EnvironmentRule environment() {
        return environment;
    }
}
