package dev.gitopsexecutor.policy;

import dev.gitopsexecutor.model.ImageRef;
import java.time.Instant;
import java.util.Optional;

/**
 * What a decision needs beyond who the job is.
 *
 * @param jobImage in which the job's own script is to run
 * @param services whether the job has {@code services:}
 * @param time of the decision
 * @param breakGlass what the job's starter wishes, if anything
 */
public record Circumstances(ImageRef jobImage, boolean services, Instant time, Optional<BreakGlass> breakGlass) {

    /** Of a job without services. */
    public Circumstances(ImageRef jobImage, Instant time, Optional<BreakGlass> breakGlass) {
        this(jobImage, false, time, breakGlass);
    }
}
