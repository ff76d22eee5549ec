package dev.gitopsexecutor.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.ImageRef;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PullProgressTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final ImageRef APP = ImageRef.parse("registry.test:5000/shop/app:v2");
    private static final ImageRef PROXY = ImageRef.parse("nginx@sha256:" + "1".repeat(64));

    private final List<Activity> activities = new ArrayList<>();
    private final PullProgress progress =
            new PullProgress(List.of(APP, PROXY), Duration.ofMinutes(10), START, activities::add);

    @Test
    void tellsHowManyLayersOfWhichImageAreThere() {
        hear("pulling " + APP, "layers 0 1", "layers 3 7");
        assertThat(activities).singleElement().satisfies(pull -> {
            assertThat(pull.text()).isEqualTo("pulling shop/app:v2: 3 of 7 layers");
            assertThat(pull.time(START.plusSeconds(12))).isEqualTo("12 s of 10 min");
            assertThat(pull.share()).isEqualTo(3 / 7.0);
        });
        hear("pulled %s sha256:%s".formatted(APP, "2".repeat(64)), "pulling " + PROXY);
        assertThat(activities.getLast().text()).isEqualTo("pulling nginx@111111111111");
        assertThat(pulled()).containsExactly("web-1: pulled shop/app:v2, nginx@111111111111 in 12.4 s");
    }

    @Test
    void tellsWhatWasThereFromWhatWasPulled() {
        hear("present " + PROXY, "pulling " + APP);
        assertThat(pulled())
                .containsExactly("web-1: pulled shop/app:v2 in 12.4 s; present already: nginx@111111111111");
        hear("unchanged " + APP);
        assertThat(pulled()).containsExactly("web-1: present already: shop/app:v2, nginx@111111111111");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "layers 8 7",
                "layers 0 0",
                "layers -1 7",
                "layers 1 99999",
                "layers 99999999999999999999 7",
                "layers 3 7 \u001b[2J",
                "layers",
                "",
                " ",
                "pulling",
                "pulling registry.test/evil:1",
                "pulling section_start:1:x\r\u001b[0K",
                "unchanged registry.test/evil:1",
            })
    void takesNothingElseForProgress(String line) {
        hear("pulling " + APP, line);
        assertThat(activities).singleElement().extracting(Activity::text).isEqualTo("pulling shop/app:v2");
    }

    @Test
    void isNotKeptBusyByAHostThatBeginsAgainAndAgain() {
        for (int again = 0; again < 100; again++) {
            hear("pulling " + APP, "layers 9 9");
        }
        assertThat(activities).hasSize(1);
    }

    @Test
    void sumsUpManyHosts() {
        SequencedMap<HostName, HostPull> pulls = new LinkedHashMap<>();
        for (int number = 1; number <= 200; number++) {
            boolean there = number > 187;
            pulls.put(
                    new HostName("web-" + number),
                    new HostPull(
                            new TreeMap<>(),
                            there ? List.of() : List.of("shop/app:v2"),
                            there ? List.of("shop/app:v2") : List.of(),
                            Duration.ofMillis(number == 17 ? 31_400 : 2_000 + number)));
        }
        assertThat(HostPull.lines(pulls))
                .containsExactly(
                        "pulled on 187 of 200 hosts in 2.0 s to 31.4 s, the slowest is web-17",
                        "present already on 13 of 200 hosts");
    }

    private void hear(String... lines) {
        List.of(lines).forEach(progress);
    }

    private List<String> pulled() {
        SequencedMap<HostName, HostPull> pulls = new LinkedHashMap<>();
        pulls.put(new HostName("web-1"), progress.pull(new TreeMap<>(), START.plusMillis(12_400)));
        return HostPull.lines(pulls);
    }
}
