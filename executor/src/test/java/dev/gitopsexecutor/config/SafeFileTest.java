package dev.gitopsexecutor.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.FailureCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafeFileTest {
    @TempDir
    private Path directory;

    private Path file;

    @BeforeEach
    void write() throws IOException {
        mode(directory, "rwxr-xr-x");
        file = Files.writeString(directory.resolve("policy.yaml"), Example.POLICY.text());
        mode(file, "rw-r--r--");
    }

    @Test
    void readsAPolicyAndItsHash() {
        PolicyFile read = PolicyFile.read(file);

        assertThat(read.policy()).isEqualTo(Example.POLICY.read(Example.POLICY.text()));
        assertThat(read.hash()).matches("[0-9a-f]{64}");
    }

    @Test
    void refusesAFileThatOthersMayWrite() throws IOException {
        mode(file, "rw-rw-r--");

        assertRefused("%s has mode 0664: others than its owner may write it".formatted(file));
    }

    @Test
    void refusesADirectoryThatOthersMayWrite() throws IOException {
        mode(directory, "rwxrwxrwx");

        assertRefused("%s has mode 0777: others than its owner may write it".formatted(directory));
    }

    @Test
    void refusesALink() throws IOException {
        Path target = Files.move(file, directory.resolve("other.yaml"));
        Files.createSymbolicLink(file, target);

        assertRefused("%s is not a regular file".formatted(file));
    }

    @Test
    void saysThatTheFileIsMissing() throws IOException {
        Files.delete(file);

        assertThatThrownBy(() -> PolicyFile.read(file)).isInstanceOfSatisfying(ExecutorException.class, refused -> {
            assertThat(refused.code()).isEqualTo(FailureCode.CONFIG_INVALID);
            assertThat(refused.failure().saw()).isEqualTo("there is no such file");
        });
    }

    private void assertRefused(String saw) {
        assertThatThrownBy(() -> PolicyFile.read(file)).isInstanceOfSatisfying(ExecutorException.class, refused -> {
            assertThat(refused.code()).isEqualTo(FailureCode.CONFIG_UNSAFE);
            assertThat(refused.failure().saw()).isEqualTo(saw);
        });
    }

    private static void mode(Path path, String permissions) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }
}
