package dev.gitopsexecutor.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.model.HostName;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;

class FleetProgressTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void speaksAfterThreeSecondsAndThenEveryTen() {
        FleetProgress progress = progress(1);
        assertThat(progress.isDue(after(2.9))).isFalse();
        assertThat(progress.isDue(after(3))).isTrue();
        assertThat(progress.lines(new LinkedHashMap<>(), after(3)))
                .as("all are done")
                .isEmpty();
        assertThat(progress.isDue(after(12.9))).isFalse();
        assertThat(progress.isDue(after(13))).isTrue();
    }

    @Test
    void givesAFewHostsALineEach() {
        Activity health = new Activity("waiting for health", after(1), Optional.of(Duration.ofMinutes(1)));
        health.saw("status 503");
        SequencedMap<HostName, Activity> late = new LinkedHashMap<>();
        late.put(new HostName("web-1"), health);
        late.put(new HostName("web-2"), progress(2).activity());
        assertThat(progress(2).lines(late, after(13)))
                .containsExactly("web-1: waiting for health: status 503, 12 s of 60 s", "web-2: bringing up, 13 s");
    }

    @Test
    void givesManyHostsOneLineWithTheSlowestOfThem() {
        SequencedMap<HostName, Activity> late = new LinkedHashMap<>();
        for (int number = 1; number <= 187; number++) {
            Activity pull = new Activity("shop/app:v2", START, Optional.empty());
            int layers = number == 17 ? 1 : number % 3 + 2;
            pull.saw("%d of 7 layers".formatted(layers), layers / 7.0);
            late.put(new HostName("web-" + number), pull);
        }
        assertThat(progress(200).lines(late, after(20)))
                .containsExactly(
                        "bringing up on 187 of 200 hosts after 20 s: slowest web-17 (shop/app:v2: 1 of 7 layers),"
                                + " web-3 (shop/app:v2: 2 of 7 layers), web-6 (shop/app:v2: 2 of 7 layers), …");
    }

    @Test
    void showsNothingOfAHostThatNobodyMaySee() {
        Activity hostile = new Activity("waiting", START, Optional.empty());
        hostile.saw("a\n\u001b[2Jsection_start:1:x\r\u001b[0Kpass-word " + "x".repeat(5000));
        SequencedMap<HostName, Activity> late = new LinkedHashMap<>();
        late.put(new HostName("web-1"), hostile);
        List<String> lines =
                new FleetProgress("w", 1, text -> text.replace("pass-word", "[MASKED]"), START).lines(late, after(3));
        assertThat(lines)
                .singleElement()
                .satisfies(line -> assertThat(line)
                        .startsWith("web-1: waiting: asection_start:1:x[MASKED] xxx")
                        .hasSizeLessThan(150)
                        .doesNotContain("\n", "\r", "\u001b"));
    }

    private static FleetProgress progress(int hosts) {
        return new FleetProgress("bringing up", hosts, text -> text, START);
    }

    private static Instant after(double seconds) {
        return START.plusMillis((long) (seconds * 1000));
    }
}
