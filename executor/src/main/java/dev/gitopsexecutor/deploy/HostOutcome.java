package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.model.HostName;
import java.time.Duration;
import java.util.Optional;

/**
 * How one host came out of a deploy; a row of the closing table.
 *
 * @param before what ran there when the deploy began
 * @param after what runs there now; empty when nothing does, or when nobody could look
 * @param checks what was proven, in a few words
 */
public record HostOutcome(
        HostName host, Optional<RunningVersion> before, Optional<RunningVersion> after, String checks, Duration took) {}
