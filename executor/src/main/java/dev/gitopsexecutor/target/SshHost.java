package dev.gitopsexecutor.target;

import dev.gitopsexecutor.model.HostName;

/**
 * Where a host is and who it must prove to be.
 *
 * @param hostKey the one key the host may show, as in a {@code .pub} file: {@code ssh-ed25519 AAAA…}
 */
public record SshHost(HostName name, String address, int port, String user, String hostKey) {

    /** As a reader types it to reach the host by hand. */
    public String endpoint() {
        return port == 22 ? user + "@" + address : "%s@%s:%d".formatted(user, address, port);
    }
}
