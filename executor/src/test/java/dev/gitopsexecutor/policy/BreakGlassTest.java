package dev.gitopsexecutor.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.LocalDate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BreakGlassTest {
    @Test
    void readsItsDayAndReason() {
        BreakGlass wish = BreakGlass.parse(" 2026-11-24 checkout is down ");

        assertThat(wish).isEqualTo(new BreakGlass(LocalDate.of(2026, 11, 24), "checkout is down"));
        assertThat(wish.isOf(Instant.parse("2026-11-24T00:00:00Z"))).isTrue();
        assertThat(wish.isOf(Instant.parse("2026-11-24T23:59:59Z"))).isTrue();
        assertThat(wish.isOf(Instant.parse("2026-11-23T23:59:59Z"))).isFalse();
        assertThat(wish.isOf(Instant.parse("2026-11-25T00:00:00Z"))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "yes",
                "true",
                "2026-11-24",
                "2026-11-24 ",
                "2026-11-24 why",
                "2026-11-24T10:00:00Z checkout is down",
                "2026-11-24 checkout\nis down",
                "2026-11-24 checkout \u202eis down",
                "24.11.2026 checkout is down",
                "$CI_PIPELINE_CREATED_AT checkout is down"
            })
    void refusesWhatNamesNoDayOrReason(String text) {
        assertThatThrownBy(() -> BreakGlass.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("write the date of today in UTC and a reason of 8 to 200 characters");
    }

    @Test
    void refusesADayThatIsNone() {
        assertThatThrownBy(() -> BreakGlass.parse("2026-02-30 checkout is down"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("there is no day 2026-02-30");
    }
}
