package dev.gitopsexecutor.policy;

/** A yes of the policy to a change of what runs in an environment; holding one is the proof. */
public sealed interface Permission permits Allowed, Maintenance {
    EnvironmentRule environment();
}
