package dev.gitopsexecutor.runner;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.FailureCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged job responses are read or refused in our words; a seed that fails can be run again. */
class JobResponseFuzzTest {
    private static final String[] PIECES = {
        "null",
        "\"\"",
        "0",
        "-1",
        "1e999",
        "{}",
        "[]",
        "true",
        ",",
        "\"",
        "\\u0000",
        "\\ud800",
        "{\"id\":1}",
        "9".repeat(400)
    };

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void damagedResponseIsReadOrRefused(long seed, @TempDir Path directory) throws IOException {
        Random random = new Random(seed);
        Path file = directory.resolve("response.json");
        for (int round = 0; round < 150; round++) {
            byte[] text = damaged(random);
            Files.write(file, text);
            try {
                JobResponse.read(file)
                        .maskedValues()
                        .forEach(value -> assertThat(value).isNotBlank());
            } catch (ExecutorException refused) {
                assertThat(refused.code()).isEqualTo(FailureCode.JOB_RESPONSE_INVALID);
                assertThat(refused.getMessage()).doesNotContain("job-token", "masked-value", "registry-password");
            } catch (RuntimeException bug) {
                fail("seed %d, round %d: %s".formatted(seed, round, new String(text, UTF_8)), bug);
            }
        }
    }

    private static byte[] damaged(Random random) {
        StringBuilder text = new StringBuilder(ResponseText.OLD);
        int changes = 1 + random.nextInt(3);
        for (int change = 0; change < changes; change++) {
            int start = random.nextInt(text.length());
            int end = Math.min(text.length(), start + random.nextInt(12));
            String piece = PIECES[random.nextInt(PIECES.length)];
            text.replace(start, end, random.nextBoolean() ? piece : "");
        }
        byte[] bytes = text.toString().getBytes(UTF_8);
        if (random.nextInt(4) == 0) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        return bytes;
    }
}
