package dev.gitopsexecutor.target;

import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.HostTrust;

/** Where a host is and who it must prove to be. */
public record SshHost(HostName name, String address, int port, String user, HostTrust trust) {

    /** As a reader types it to reach the host by hand. */
    public String endpoint() {
        return port == 22 ? user + "@" + address : "%s@%s:%d".formatted(user, address, port);
    }
}
