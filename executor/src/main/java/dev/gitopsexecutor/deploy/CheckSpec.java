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
public record CheckSpec(URI healthUrl, Duration deadline, Optional<VersionSpec> version) {}
