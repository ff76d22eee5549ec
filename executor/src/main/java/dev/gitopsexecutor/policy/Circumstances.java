package dev.gitopsexecutor.policy;

import dev.gitopsexecutor.model.ImageRef;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a decision needs beyond who the job is.
 *
 * @param jobImage in which the job's own script is to run
 * @param services images of the job's {@code services:}
 * @param time of the decision
 * @param brokenGlass why an operator has broken the glass of the environment, while that holds
 */
public record Circumstances(ImageRef jobImage, List<ImageRef> services, Instant time, Optional<String> brokenGlass) {
    public Circumstances {
        services = List.copyOf(services);
    }

    /** Of a job without services, on an ordinary day. */
    public Circumstances(ImageRef jobImage, Instant time) {
        this(jobImage, List.of(), time, Optional.empty());
    }
}
