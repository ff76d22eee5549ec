package dev.gitopsexecutor.testbed;

import java.time.Duration;

/**
 * What one launcher process did.
 *
 * @param name "config", "prepare", "cleanup" or the stage's argument
 * @param buildExitCode first line of BUILD_EXIT_CODE_FILE, empty when there is none
 */
public record StageResult(String name, int exitCode, String buildExitCode, Duration took) {
    public static final int BUILD_FAILURE = 1;
    public static final int SYSTEM_FAILURE = 2;

    public boolean succeeded() {
        return exitCode == 0;
    }
}
