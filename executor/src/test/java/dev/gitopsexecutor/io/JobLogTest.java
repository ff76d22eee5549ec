package dev.gitopsexecutor.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.io.JobLog.Span;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JobLogTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private Instant now = START;
    private final JobLog log =
            new JobLog(OutputStream.nullOutputStream(), text -> text.replace("hunter2", "[MASKED]"), () -> now);

    @Test
    void keepsSectionsInTheOrderOfTheirStartsAndWhatTheyTookInThatOfTheirEnds() {
        JobLog.Section outer = log.section("outer", "All of hunter2");
        pass(1);
        JobLog.Section inner = log.section("inner", "Part");
        pass(2);
        inner.close();
        JobLog.Section again = log.section("inner", "Part again");
        pass(3);
        again.close();
        outer.close();
        JobLog.Section open = log.section("open", "Open");
        pass(4);

        assertThat(log.spans())
                .containsExactly(
                        new Span("outer", "All of [MASKED]", at(0), at(6)),
                        new Span("inner", "Part", at(1), at(3)),
                        new Span("inner", "Part again", at(3), at(6)),
                        new Span("open", "Open", at(6), at(10)));
        assertThat(log.took())
                .containsExactly(Map.entry("inner", Duration.ofSeconds(5)), Map.entry("outer", Duration.ofSeconds(6)));
        open.close();
        assertThat(log.took()).containsEntry("open", Duration.ofSeconds(4));
    }

    private void pass(long seconds) {
        now = now.plusSeconds(seconds);
    }

    private static Instant at(long seconds) {
        return START.plusSeconds(seconds);
    }
}
