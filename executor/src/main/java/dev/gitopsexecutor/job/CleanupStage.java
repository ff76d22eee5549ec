package dev.gitopsexecutor.job;

import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.runner.JobResponse;
import dev.gitopsexecutor.sandbox.Sandbox;
import java.time.InstantSource;

/** {@code cleanup}: removes what the job had on this machine; silent, repeatable, also when prepare never finished. */
final class CleanupStage {
    private final ExecutorConfig config;
    private final JobResponse response;
    private final InstantSource clock;

    CleanupStage(ExecutorConfig config, JobResponse response, InstantSource clock) {
        this.config = config;
        this.response = response;
        this.clock = clock;
    }

    int run() {
        try (Sandbox sandbox = Sandboxes.connect(config, clock)) {
            sandbox.remove(response.id());
        }
        return 0;
    }
}
