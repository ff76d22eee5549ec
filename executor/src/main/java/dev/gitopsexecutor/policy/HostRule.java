package dev.gitopsexecutor.policy;

import dev.gitopsexecutor.model.HostName;

/**
 * A target host as the policy names it.
 *
 * @param hostKey the one key the host may show, as in a {@code .pub} file: {@code ssh-ed25519 AAAA…}
 */
public record HostRule(HostName name, String address, int port, String user, String hostKey) {}
