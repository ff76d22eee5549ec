package dev.gitopsexecutor.job;

import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.runner.DriverConfig;
import java.io.IOException;
import java.io.OutputStream;

/** {@code config}: tells the runner who we are and where builds live; one JSON object and nothing else. */
final class ConfigStage {
    private final ExecutorConfig config;

    ConfigStage(ExecutorConfig config) {
        this.config = config;
    }

    int run(OutputStream out) {
        var driver = new DriverConfig(
                Version.current(), config.docker().buildsDir(), config.docker().cacheDir());
        try {
            driver.write(out);
            return 0;
        } catch (IOException lost) {
            throw new ExecutorException(
                    new Failure(
                            FailureCode.OUTPUT_LOST,
                            "tell the runner about this executor",
                            "stdout of the stage config",
                            lost.toString(),
                            "Let a GitLab Runner start this program; it reads the stream."),
                    lost);
        }
    }
}
