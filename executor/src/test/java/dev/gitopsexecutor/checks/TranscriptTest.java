package dev.gitopsexecutor.checks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.gitopsexecutor.checks.CheckResult.Failed;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class TranscriptTest {
    private static final Instant START = Instant.parse("2026-09-14T10:00:00Z");

    private Instant now = START;
    private final Transcript transcript = new Transcript(() -> now);

    @Test
    void joinsWhatIsSeenSeveralTimesInRow() {
        see(400, "a");
        see(500, "b");
        see(2500, "b");
        see(3000, "a");
        assertThat(transcript.seen())
                .containsExactly(
                        new Sighting("a", millis(400), millis(400), 1),
                        new Sighting("b", millis(500), millis(2500), 2),
                        new Sighting("a", millis(3000), millis(3000), 1));
        assertThat(transcript.seen())
                .extracting(Sighting::describe)
                .containsExactly("a (0.4 s)", "b (0.5–2.5 s, 2 times)", "a (3.0 s)");
    }

    @Test
    void keepsBeginningAndEndOfLongStory() {
        for (int number = 0; number < 100; number++) {
            see(number * 1000, "thing " + number);
        }
        List<Sighting> seen = transcript.seen();
        assertThat(seen).hasSize(12);
        assertThat(seen.subList(4, 7))
                .extracting(Sighting::what, Sighting::first, Sighting::last, Sighting::times)
                .containsExactly(
                        tuple("thing 4", millis(4_000), millis(4_000), 1),
                        tuple("this and that", millis(5_000), millis(93_000), 89),
                        tuple("thing 94", millis(94_000), millis(94_000), 1));
        assertThat(seen.getLast().what()).isEqualTo("thing 99");
    }

    @Test
    void isToldInTheDescriptionOfFailure() {
        see(0, "no answer: connection refused");
        see(4_600, "status 503");
        see(60_000, "status 503");
        Failed failed = new Failed(
                "health",
                "web-1, GET http://127.0.0.1:8080/health",
                "status 2xx",
                "status 503",
                transcript.attempts(),
                transcript.took(),
                transcript.seen());
        assertThat(failed.describe()).isEqualTo("""
                        health: status 503
                        wanted: status 2xx
                        asked:  web-1, GET http://127.0.0.1:8080/health, 3 times in 60 s
                        seen:   no answer: connection refused (0.0 s); status 503 (4.6–60.0 s, 2 times)""");
    }

    @Test
    void isLeftOutWhereNobodyKeptOne() {
        Failed failed = new Failed("containers", "web-1", "running", "exited", 3, millis(2_000));
        assertThat(failed.describe()).isEqualTo("containers: exited\nwanted: running\nasked:  web-1, 3 times in 2.0 s");
    }

    private void see(int atMillis, String what) {
        now = START.plusMillis(atMillis);
        transcript.add(what);
    }

    private static Duration millis(int count) {
        return Duration.ofMillis(count);
    }
}
