package dev.gitopsexecutor.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gitopsexecutor.failure.Blame;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.FailureCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExitCodesTest {
    @TempDir
    private Path directory;

    @Test
    void takesTheRunnersNumbers() {
        ExitCodes codes = ExitCodes.from(Map.of("BUILD_FAILURE_EXIT_CODE", "7", "SYSTEM_FAILURE_EXIT_CODE", "8"));

        assertThat(codes.buildFailure()).isEqualTo(7);
        assertThat(codes.systemFailure()).isEqualTo(8);
        assertThat(codes.forFailure(Blame.JOB)).isEqualTo(7);
        assertThat(codes.forFailure(Blame.SYSTEM)).isEqualTo(8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "-1", " 1", "one", "99999999999"})
    void fallsBackToTheRunnersDefaults(String text) {
        ExitCodes codes = ExitCodes.from(Map.of("BUILD_FAILURE_EXIT_CODE", text, "SYSTEM_FAILURE_EXIT_CODE", text));

        assertThat(codes.buildFailure()).isEqualTo(1);
        assertThat(codes.systemFailure()).isEqualTo(2);
    }

    @Test
    void writesABareNumberAndRemovesItAgain() throws IOException {
        Path file = directory.resolve("build_exit_code");
        ExitCodes codes = ExitCodes.from(Map.of("BUILD_EXIT_CODE_FILE", file.toString()));

        codes.clear();
        codes.writeScriptCode(42);
        assertThat(Files.readString(file)).isEqualTo("42");
        codes.clear();
        assertThat(directory).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\u0000"})
    void doesWithoutAFileThatAnOlderRunnerDoesNotName(String path) {
        ExitCodes codes = ExitCodes.from(Map.of("BUILD_EXIT_CODE_FILE", path));

        codes.clear();
        codes.writeScriptCode(42);
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void saysThatTheRunnersDirectoryIsGone() {
        ExitCodes codes = ExitCodes.from(Map.of(
                "BUILD_EXIT_CODE_FILE",
                directory.resolve("gone/build_exit_code").toString()));

        codes.clear();
        assertThatThrownBy(() -> codes.writeScriptCode(1)).isInstanceOfSatisfying(ExecutorException.class, failed -> {
            assertThat(failed.code()).isEqualTo(FailureCode.EXIT_CODE_FILE_UNUSABLE);
            assertThat(failed.failure().on()).endsWith("gone/build_exit_code");
        });
    }
}
