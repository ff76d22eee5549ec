package dev.gitopsexecutor.policy;

import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.HostTrust;

/** A target host as the policy names it. */
public record HostRule(HostName name, String address, int port, String user, HostTrust trust) {}
