package dev.gitopsexecutor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.io.Cancellation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TerminationTest {
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final Duration SHORT = Duration.ofMillis(1);

    private final Cancellation cancellation = new Cancellation();
    private final CompletableFuture<Integer> exit = new CompletableFuture<>();
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();

    @ParameterizedTest
    @CsvSource({"0, 2", "1, 1", "2, 2"})
    void endsWithTheStagesOwnCodeButNeverGreen(int own, int code) {
        var _ = cancellation.onRequest(() -> exit.complete(own));

        assertThat(new Termination(cancellation, exit, log, LONG, true).await()).isEqualTo(code);
        assertThat(log.size()).isZero();
    }

    @Test
    void saysThatTheTimeIsOver() {
        assertThat(new Termination(cancellation, exit, log, SHORT, true).await())
                .isEqualTo(2);
        assertThat(cancellation.isRequested()).isTrue();
        assertThat(log.toString(UTF_8))
                .startsWith("Cannot end the canceled job in time. [CANCELED]\n")
                .contains(
                        "the time to end is over",
                        "without an \"is back and proven\" line above",
                        "docs/operations.md");
    }

    @Test
    void endsThoughNobodyReadsTheLog() {
        CountDownLatch never = new CountDownLatch(1);
        OutputStream full = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                try {
                    never.await();
                } catch (InterruptedException interrupted) {
                    throw new IOException(interrupted);
                }
            }
        };

        assertThat(new Termination(cancellation, exit, full, SHORT, true).await())
                .isEqualTo(2);
    }

    @Test
    void letsACommandThatSucceededAfterAllSaySo() {
        CompletableFuture<Integer> exit = CompletableFuture.completedFuture(0);

        assertThat(new Termination(new Cancellation(), exit, OutputStream.nullOutputStream(), LONG, false).await())
                .isZero();
    }
}
