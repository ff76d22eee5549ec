package dev.gitopsexecutor.secrets;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where Vault is.
 *
 * @param authMount of the JWT method, without {@code auth/}
 * @param caFile PEM; the system's CAs where it is empty
 */
public record VaultSettings(URI address, String authMount, Optional<String> namespace, Optional<Path> caFile) {}
