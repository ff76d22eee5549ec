package dev.gitopsexecutor.identity;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * Whose ID tokens are believed.
 *
 * @param issuer the {@code iss} claim, compared as text
 * @param caFile PEM; the system's CAs where it is empty
 * @param maxAge how long after {@code iat} a token is accepted, whatever its {@code exp}
 * @param runners ids of the runners that start this executor; any when empty
 */
public record IssuerSettings(
        String issuer, URI jwksUri, String audience, Optional<Path> caFile, Duration maxAge, Set<Long> runners) {
    public IssuerSettings {
        runners = Set.copyOf(runners);
    }
}
