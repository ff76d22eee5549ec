package dev.gitopsexecutor.policy;

/** What the policy says to an operator's act. */
public sealed interface MaintenanceDecision permits Maintenance, Denied {}
