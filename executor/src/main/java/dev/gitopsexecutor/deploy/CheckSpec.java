package dev.gitopsexecutor.deploy;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * How a release proves itself on each host.
 *
 * @param healthUrl on a loopback address, asked from the host itself
 * @param deadline for the application to become healthy
 */
public record CheckSpec(URI healthUrl, Duration deadline, Optional<VersionSpec> version) {
    private static final Duration LONGEST = Duration.ofHours(1);

    /** Throws {@link IllegalArgumentException} for what no deploy.yaml could have said: the record of a release may lie. */
    public CheckSpec {
        if (deadline.isNegative() || deadline.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("a deadline of " + deadline);
        }
        if (healthUrl.getHost() == null || !"http".equals(healthUrl.getScheme())) {
            throw new IllegalArgumentException("no URL of health: " + healthUrl);
        }
    }
}
