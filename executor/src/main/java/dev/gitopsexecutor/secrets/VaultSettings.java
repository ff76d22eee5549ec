package dev.gitopsexecutor.secrets;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where Vault is.
 *
 * @param authMount of the JWT method, without {@code auth/}
 * @param caFile PEM; the system's CAs where it is empty
 * @param own who the executor itself is there, apart from its jobs
 */
public record VaultSettings(
        URI address, String authMount, Optional<String> namespace, Optional<Path> caFile, Optional<OwnIdentity> own) {

    /**
     * An AppRole of this machine.
     *
     * @param authMount of the AppRole method, without {@code auth/}
     * @param secretIdFile 0600, of this user or root
     * @param engine has the secrets that are the executor's own
     */
    public record OwnIdentity(String authMount, String roleId, Path secretIdFile, KvEngine engine) {}
}
