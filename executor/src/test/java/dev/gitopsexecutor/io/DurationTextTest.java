package dev.gitopsexecutor.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DurationTextTest {

    @ParameterizedTest
    @CsvSource({
        "PT-1S,     0 s,       0.0 s",
        "PT0.25S,   0 s,       0.3 s",
        "PT12.36S,  12 s,      12.4 s",
        "PT2M,      2 min,     2 min",
        "PT2M30S,   2 min 30 s, 2 min 30 s",
        "PT15M,     15 min,    15 min",
        "PT2H5M,    2 h 5 min, 2 h 5 min"
    })
    void isTheSameEverywhere(Duration time, String coarse, String fine) {
        assertThat(DurationText.coarse(time)).isEqualTo(coarse);
        assertThat(DurationText.fine(time)).isEqualTo(fine);
    }
}
