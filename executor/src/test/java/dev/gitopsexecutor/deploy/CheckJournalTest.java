package dev.gitopsexecutor.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.checks.CheckResult;
import dev.gitopsexecutor.checks.CheckResult.Failed;
import dev.gitopsexecutor.checks.CheckResult.Passed;
import dev.gitopsexecutor.checks.CheckResult.Warned;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class CheckJournalTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:10Z");

    private final CheckJournal journal = new CheckJournal(() -> NOW);

    @Test
    void knowsWhenEachOfSeveralResultsWasKnown() {
        CheckResult health = new Passed("health", "web-1", "2xx", 5, Duration.ofSeconds(3));
        CheckResult version = new Passed("version", "web-1", "1", 5, Duration.ofSeconds(3));
        CheckResult smoke = new Warned(new Failed("smoke a", "web-1", "200", "500", 1, Duration.ofSeconds(1)));
        CheckResult digest = new Passed("digest", "web-1", "same", 3, Duration.ofSeconds(2));

        journal.add("web-1", List.of(health, version, smoke, digest));
        journal.add("web-2", List.of(digest));

        assertThat(journal.entries())
                .containsExactly(
                        new CheckJournal.Entry("web-1", NOW.minusSeconds(3), health),
                        new CheckJournal.Entry("web-1", NOW.minusSeconds(3), version),
                        new CheckJournal.Entry("web-1", NOW.minusSeconds(2), smoke),
                        new CheckJournal.Entry("web-1", NOW, digest),
                        new CheckJournal.Entry("web-2", NOW, digest));
        assertThat(journal.entries().get(2).took()).isEqualTo(Duration.ofSeconds(1));
    }
}
