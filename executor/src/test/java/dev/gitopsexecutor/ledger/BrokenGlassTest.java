package dev.gitopsexecutor.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.model.EnvironmentName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BrokenGlassTest {
    private static final EnvironmentName PRODUCTION = new EnvironmentName("production");
    private static final Instant UNTIL = Instant.parse("2026-11-24T13:00:00Z");

    @TempDir
    private Path directory;

    @Test
    void holdsForItsEnvironmentUntilItsTime() throws IOException {
        BrokenGlass glass = new BrokenGlass(PRODUCTION, "checkout is down", "dana", UNTIL);
        assertThat(read(UNTIL.minusSeconds(1))).isEmpty();

        glass.write(directory);

        assertThat(read(UNTIL.minusSeconds(1))).contains(glass);
        assertThat(read(UNTIL)).isEmpty();
        assertThat(BrokenGlass.read(directory, new EnvironmentName("staging"), Instant.EPOCH))
                .isEmpty();
        assertThat(glass.told()).isEqualTo("checkout is down (broken by dana until 2026-11-24T13:00:00Z)");
        assertThat(PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(directory.resolve("break-glass/production.json"))))
                .isEqualTo("rw-------");
    }

    @Test
    void isMended() {
        new BrokenGlass(PRODUCTION, "checkout is down", "dana", UNTIL).write(directory);

        assertThat(BrokenGlass.end(directory, PRODUCTION)).isTrue();
        assertThat(BrokenGlass.end(directory, PRODUCTION)).isFalse();
        assertThat(read(Instant.EPOCH)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "too few", "two\nlines of it", "turned \u202e around"})
    void wantsAReasonThatCanBePrinted(String reason) {
        assertThatThrownBy(() -> new BrokenGlass(PRODUCTION, reason, "dana", UNTIL))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a reason is one line of 8 to 200 characters");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "{}",
                "{\"reason\": \"checkout is down\", \"by\": \"dana\", \"until\": \"tomorrow\"}",
                "{\"reason\": \"no\", \"by\": \"dana\", \"until\": \"2026-11-24T13:00:00Z\"}"
            })
    void saysSoWhenTheFileIsDamaged(String content) throws IOException {
        Path file = directory.resolve("break-glass/production.json");
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);

        assertThatThrownBy(() -> read(Instant.EPOCH)).isInstanceOfSatisfying(ExecutorException.class, failed -> {
            assertThat(failed.code()).isEqualTo(FailureCode.STATE_UNUSABLE);
            assertThat(failed.failure().next()).contains("or remove it: then the glass is whole");
        });
    }

    private Optional<BrokenGlass> read(Instant now) {
        return BrokenGlass.read(directory, PRODUCTION, now);
    }
}
