package dev.gitopsexecutor.policy;

/** What the policy answers. */
public sealed interface Decision permits Allowed, Denied {}
