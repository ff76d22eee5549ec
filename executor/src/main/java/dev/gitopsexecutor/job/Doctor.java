package dev.gitopsexecutor.job;

import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.JobId;
import dev.gitopsexecutor.model.ProjectId;
import dev.gitopsexecutor.model.Role;
import dev.gitopsexecutor.sandbox.Control;
import dev.gitopsexecutor.sandbox.Sandbox;
import dev.gitopsexecutor.sandbox.SandboxSpec;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/** Starts the two containers of a job that nobody asked for, to see whether what locks them down holds here. */
public final class Doctor {
    private static final Duration LIFE = Duration.ofMinutes(5);

    /** GitLab counts from 1 and does not come here. */
    private static final long FIRST_JOB = Long.MAX_VALUE - (1L << 32);

    private static final ProjectId NO_PROJECT = new ProjectId(Long.MAX_VALUE - 1);

    private final ExecutorConfig config;
    private final InstantSource clock;
    private final Cancellation cancellation;

    public Doctor(ExecutorConfig config, InstantSource clock, Cancellation cancellation) {
        this.config = config;
        this.clock = clock;
        this.cancellation = cancellation;
    }

    /** How each control came out in either container, in the order of {@link Control}. */
    public record Report(List<Control.Seen> job, List<Control.Seen> helper) {
        public Report {
            job = List.copyOf(job);
            helper = List.copyOf(helper);
        }
    }

    /** What is started is removed again; it ends by itself after five minutes when this process is killed. */
    public Report look(ImageRef jobImage, JobLog log) {
        JobId job = new JobId(FIRST_JOB + ThreadLocalRandom.current().nextLong(1L << 31));
        try (Sandbox sandbox = Sandboxes.connect(config, clock)) {
            try {
                sandbox.start(spec(job, jobImage), log, cancellation);
                return new Report(sandbox.look(job, Role.JOB), sandbox.look(job, Role.HELPER));
            } finally {
                sandbox.remove(job);
            }
        }
    }

    private SandboxSpec spec(JobId job, ImageRef image) {
        return new SandboxSpec(
                job,
                NO_PROJECT,
                false,
                Optional.empty(),
                new SandboxSpec.Image(image, Optional.empty()),
                List.of(),
                List.of(),
                SandboxSpec.Requirements.NONE,
                clock.instant().plus(LIFE),
                Map.of());
    }
}
