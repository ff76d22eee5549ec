package dev.gitopsexecutor.policy;

import dev.gitopsexecutor.model.ImageRef;
import java.time.Instant;
import java.util.Optional;

/**
 * What a decision needs beyond who the job is.
 *
 * @param jobImage in which the job's own script is to run
 * @param time of the decision
 * @param breakGlass what the job's starter wishes, if anything
 */
public record Circumstances(ImageRef jobImage, Instant time, Optional<BreakGlass> breakGlass) {}
