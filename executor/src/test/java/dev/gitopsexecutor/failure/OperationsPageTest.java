package dev.gitopsexecutor.failure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** docs/operations.md explains each failure code, in order and with its exit code. */
class OperationsPageTest {

    @Test
    void explainsEveryFailureCodeOnce() throws IOException {
        List<String> rows = Files.readAllLines(Path.of("../docs/operations.md")).stream()
                .filter(line -> line.matches("\\| `[A-Z_]+` .*"))
                .map(line -> line.substring(0, line.indexOf('|', line.indexOf('|', 1) + 1) + 1))
                .toList();

        assertThat(rows)
                .containsExactlyElementsOf(Arrays.stream(FailureCode.values())
                        .map(code -> "| `%s` | %d |".formatted(code, code.blame() == Blame.JOB ? 1 : 2))
                        .toList());
    }
}
