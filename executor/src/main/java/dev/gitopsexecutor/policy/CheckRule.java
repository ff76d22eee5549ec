package dev.gitopsexecutor.policy;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What the policy says of the checks of a release.
 *
 * @param publicHosts that this machine may ask as an environment's public URL: host, or host:port where the port is not the
 *     scheme's own; an empty list allows none
 * @param caFile PEM of the CAs that sign their certificates; empty for those that the system trusts
 * @param stability for which a release must run without a restart at least, whatever it says itself
 */
public record CheckRule(List<String> publicHosts, Optional<Path> caFile, Duration stability) {
    public static final CheckRule DEFAULT = new CheckRule(List.of(), Optional.empty(), Duration.ZERO);

    public CheckRule {
        publicHosts = List.copyOf(publicHosts);
    }

    /** Whether the URL, which may be one of tcp with a port, leads to one of {@link #publicHosts}. */
    public boolean allows(URI url) {
        int own = switch (String.valueOf(url.getScheme())) {
            case "https" -> 443;
            case "http" -> 80;
            default -> -1;
        };
        boolean isOwn = url.getPort() < 0 || url.getPort() == own;
        return publicHosts.contains(isOwn ? String.valueOf(url.getHost()) : url.getHost() + ":" + url.getPort());
    }
}
