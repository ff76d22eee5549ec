package dev.gitopsexecutor.secrets;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.io.ProcessId;
import dev.gitopsexecutor.model.JobId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeldTokensTest {
    private static final Instant UNTIL = Instant.parse("2026-11-28T10:00:00.123Z");
    private static final HeldToken OF_A_JOB =
            new HeldToken(Optional.of(new JobId(7)), ProcessId.self(), "accessor-a", UNTIL, Optional.empty());
    private static final HeldToken KEPT = new HeldToken(
            Optional.of(new JobId(7)),
            new ProcessId(1, 2),
            "accessor-b",
            UNTIL,
            Optional.of(new HeldToken.Kept(
                    "staging/shop",
                    List.of("r-1"),
                    new TreeMap<>(Map.of("database/creds/shop/1", UNTIL, "x/\"2\"", UNTIL.plusSeconds(1))))));

    @TempDir
    private Path state;

    private HeldTokens tokens;

    @BeforeEach
    void open() {
        tokens = new HeldTokens(state);
    }

    @Test
    void areNoneBeforeTheFirst() {
        assertThat(tokens.all()).isEmpty();
        tokens.drop(OF_A_JOB);
    }

    @Test
    void areReadAsTheyWereWritten() {
        tokens.hold(OF_A_JOB);
        tokens.hold(KEPT);

        assertThat(tokens.all()).containsExactlyInAnyOrder(OF_A_JOB, KEPT);
        assertThat(tokens.of(new JobId(7))).containsExactly(OF_A_JOB);
        assertThat(tokens.of(new JobId(8))).isEmpty();
    }

    @Test
    void areTheExecutorsAlone() throws IOException {
        tokens.hold(OF_A_JOB);

        Path directory = state.resolve("vault-tokens");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
                .isEqualTo("rwx------");
        try (var files = Files.list(directory)) {
            assertThat(files.filter(file -> file.toString().endsWith(".json")))
                    .singleElement()
                    .satisfies(file -> {
                        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                                .isEqualTo("rw-------");
                        assertThat(file.getFileName().toString())
                                .startsWith("7-")
                                .doesNotContain("accessor");
                    });
        }
    }

    @Test
    void changeInPlace() {
        tokens.hold(OF_A_JOB);
        HeldToken later =
                OF_A_JOB.until(UNTIL.plusSeconds(1)).keptFor(KEPT.kept().orElseThrow());
        tokens.hold(later);

        assertThat(tokens.all()).containsExactly(later);
        tokens.drop(OF_A_JOB);
        assertThat(tokens.all()).isEmpty();
    }

    @Test
    void areOutlivedWhenTheirReleaseIsNotRetained() {
        tokens.hold(OF_A_JOB);
        tokens.hold(KEPT);

        assertThat(tokens.outlived("staging/shop", List.of("r-2"))).containsExactly(KEPT);
        assertThat(tokens.outlived("staging/shop", List.of("r-1", "r-2"))).isEmpty();
        assertThat(tokens.outlived("production/shop", List.of())).isEmpty();

        tokens.share("staging/shop", "r-1", "r-3");
        tokens.share("staging/shop", "r-2", "r-4");
        assertThat(tokens.outlived("staging/shop", List.of("r-3"))).isEmpty();
        assertThat(tokens.outlived("staging/shop", List.of("r-4"))).hasSize(1);
    }

    @Test
    void knowWhetherTheirProcessLives() throws Exception {
        Process process = new ProcessBuilder("sleep", "60").start();
        ProcessId self = ProcessId.self();

        assertThat(self.isAlive()).isTrue();
        assertThat(self.started()).isPositive();
        assertThat(new ProcessId(self.pid(), 0).isAlive())
                .as("nothing is known of it")
                .isTrue();
        assertThat(new ProcessId(self.pid(), self.started() + 1).isAlive())
                .as("another process with the same number")
                .isFalse();
        process.destroyForcibly().waitFor();
        assertThat(new ProcessId(process.pid(), 1).isAlive()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "{}",
                "{\"job\": \"x\"}",
                "{\"job\": 7, \"accessor\": \"a\", \"until\": \"2026-11-28T10:00:00Z\"}",
                "{\"job\": 7, \"pid\": 1, \"started\": 1, \"accessor\": \"a\", \"until\": \"yesterday\"}",
                "{\"job\": -7, \"pid\": 1, \"started\": 1, \"accessor\": \"a\", \"until\": \"2026-11-28T10:00:00Z\"}",
                "{\"job\": 7, \"pid\": 1, \"started\": 1, \"until\": \"2026-11-28T10:00:00Z\"}",
                "{\"job\": 7, \"pid\": 1, \"started\": 1, \"accessor\": \"a\", \"until\": \"2026-11-28T10:00:00Z\", \"kept\": []}",
            })
    void passADamagedFileOverAndNameIt(String content) throws IOException {
        tokens.hold(OF_A_JOB);
        Path damaged = state.resolve("vault-tokens/8-x.json");
        Files.writeString(damaged, content);

        assertThat(tokens.all()).containsExactly(OF_A_JOB);
        assertThat(tokens.damaged()).containsExactly(damaged);
    }

    @Test
    void areNotMadeAgainByARenewalThatComesTooLate() {
        tokens.hold(KEPT);
        tokens.prolong(KEPT, UNTIL.plusSeconds(5));
        assertThat(tokens.all()).containsExactly(KEPT.until(UNTIL.plusSeconds(5)));

        tokens.drop(KEPT);
        tokens.prolong(KEPT, UNTIL.plusSeconds(9));
        assertThat(tokens.all()).isEmpty();
    }

    @Test
    void keepTheReleasesThatWereAddedMeanwhile() {
        tokens.hold(KEPT);
        tokens.share("staging/shop", "r-1", "r-2");
        // By somebody who has read the file before.
        tokens.prolong(KEPT, UNTIL.plusSeconds(5));

        assertThat(tokens.all()).singleElement().satisfies(token -> {
            assertThat(token.kept().orElseThrow().releases()).containsExactly("r-1", "r-2");
            assertThat(token.until()).isEqualTo(UNTIL.plusSeconds(5));
        });
    }

    @Test
    void mayBeOfNoJob() {
        HeldToken own = new HeldToken(Optional.empty(), ProcessId.self(), "accessor-c", UNTIL, Optional.empty());
        tokens.hold(own);

        assertThat(tokens.all()).containsExactly(own);
        assertThat(tokens.of(new JobId(7))).isEmpty();
    }
}
