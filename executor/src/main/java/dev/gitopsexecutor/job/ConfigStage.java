package dev.gitopsexecutor.job;

import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.runner.DriverConfig;
import java.io.IOException;
import java.io.OutputStream;

/** {@code config}: tells the runner who we are and where builds live; one JSON object and nothing else. */
final class ConfigStage {
    private final ExecutorConfig config;

    ConfigStage(ExecutorConfig config) {
        this.config = config;
    }

    int run(OutputStream out) throws IOException {
        new DriverConfig(
                        Version.current(),
                        config.docker().buildsDir(),
                        config.docker().cacheDir())
                .write(out);
        return 0;
    }
}
