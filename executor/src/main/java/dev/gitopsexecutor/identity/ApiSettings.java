package dev.gitopsexecutor.identity;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How GitLab itself is asked about a job.
 *
 * @param gitlab its address, without {@code /api}
 * @param caFile PEM; the system's CAs where it is empty
 * @param tokenFile holds an access token with the scope {@code read_api}; without it only that is asked which the job's
 *     own token may ask
 */
public record ApiSettings(URI gitlab, Optional<Path> caFile, Optional<Path> tokenFile) {}
