package dev.gitopsexecutor.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.policy.Freeze.WeekTime;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FreezeTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
    private static final WeekTime FRIDAY = new WeekTime(DayOfWeek.FRIDAY, LocalTime.of(16, 0));
    private static final WeekTime MONDAY = new WeekTime(DayOfWeek.MONDAY, LocalTime.of(6, 5));
    private static final Freeze HOLIDAYS = new Freeze(
            "holidays",
            new Freeze.Once(LocalDateTime.of(2026, 12, 23, 18, 0), LocalDateTime.of(2027, 1, 2, 6, 0)),
            BERLIN);

    @ParameterizedTest
    @CsvSource({
        "2026-12-24T12:00:00Z, false, freeze: freeze",
        "2026-12-24T12:00:00Z, true, operator",
        "2026-12-01T12:00:00Z, false, operator"
    })
    void holdsForOperatorsUnlessTheGlassIsBroken(Instant time, boolean broken, String outcome) {
        EnvironmentRule rule = new RuleBuilder("production").freeze(HOLIDAYS).build();

        String told = switch (Policy.decideMaintenance(rule, "operator", time, broken)) {
            case Maintenance allowed -> {
                assertThat(allowed.environment()).isEqualTo(rule);
                yield allowed.operator();
            }
            case Denied denied -> {
                assertThat(denied.reasons())
                        .singleElement()
                        .satisfies(reason ->
                                assertThat(reason.sentence()).contains("wanted: no freeze at 2026-12-24T12:00:00Z"));
                yield denied.reasons().getFirst().sentence();
            }
        };

        assertThat(told).startsWith(outcome);
    }

    @ParameterizedTest
    @CsvSource({
        "2026-12-23T16:59:59Z, false",
        "2026-12-23T17:00:00Z, true",
        "2026-12-31T00:00:00Z, true",
        "2027-01-02T04:59:59Z, true",
        "2027-01-02T05:00:00Z, false"
    })
    void beginsAndEndsByItsOwnClock(Instant time, boolean frozen) {
        assertThat(HOLIDAYS.includes(time)).isEqualTo(frozen);
    }

    @ParameterizedTest
    @CsvSource({
        // Berlin is two hours ahead of UTC in summer and one in winter.
        "2026-07-03T13:59:59Z, false",
        "2026-07-03T14:00:00Z, true",
        "2026-07-05T12:00:00Z, true",
        "2026-07-06T04:04:59Z, true",
        "2026-07-06T04:05:00Z, false",
        "2026-11-27T14:59:59Z, false",
        "2026-11-27T15:00:00Z, true",
        "2026-11-25T12:00:00Z, false"
    })
    void comesEveryWeekAndOverTheEndOfIt(Instant time, boolean frozen) {
        assertThat(new Freeze("weekend", new Freeze.Weekly(FRIDAY, MONDAY), BERLIN).includes(time))
                .isEqualTo(frozen);
    }

    @ParameterizedTest
    @CsvSource({
        "2026-11-23T05:04:59Z, false",
        "2026-11-23T05:05:00Z, true",
        "2026-11-27T14:59:59Z, true",
        "2026-11-27T15:00:00Z, false",
        "2026-11-28T12:00:00Z, false",
        "2026-11-22T12:00:00Z, false"
    })
    void comesEveryWeekWithinIt(Instant time, boolean frozen) {
        assertThat(new Freeze("week", new Freeze.Weekly(MONDAY, FRIDAY), BERLIN).includes(time))
                .isEqualTo(frozen);
    }

    /** Berlin's clock shows 02:00 to 03:00 twice on that day, and never on the other. */
    @ParameterizedTest
    @CsvSource({
        "2026-10-25T00:29:59Z, false",
        "2026-10-25T00:30:00Z, true",
        "2026-10-25T01:10:00Z, true",
        "2026-10-25T01:30:00Z, true",
        "2026-10-26T04:59:59Z, true",
        "2026-10-26T05:00:00Z, false",
        "2026-03-29T00:59:59Z, false",
        "2026-03-29T01:30:00Z, true"
    })
    void hasNoHoleWhenTheClockChanges(Instant time, boolean frozen) {
        WeekTime from = new WeekTime(DayOfWeek.SUNDAY, LocalTime.of(2, 30));
        WeekTime until = new WeekTime(DayOfWeek.MONDAY, LocalTime.of(6, 0));

        assertThat(new Freeze("late", new Freeze.Weekly(from, until), BERLIN).includes(time))
                .isEqualTo(frozen);
        Freeze.Span once = new Freeze.Once(LocalDateTime.of(2026, 10, 25, 2, 30), LocalDateTime.of(2026, 10, 26, 6, 0));
        if (time.isAfter(Instant.parse("2026-10-01T00:00:00Z"))) {
            assertThat(new Freeze("late", once, BERLIN).includes(time)).isEqualTo(frozen);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "2026-11-26T23:59:59Z, true",
        "2026-11-27T15:00:00Z, true",
        "2026-11-27T14:30:00Z, false",
        "2026-11-27T13:59:59Z, true"
    })
    void leavesOutAnHourOfTheWeek(Instant time, boolean frozen) {
        WeekTime until = new WeekTime(DayOfWeek.FRIDAY, LocalTime.of(15, 0));

        assertThat(new Freeze("almost always", new Freeze.Weekly(FRIDAY, until), BERLIN).includes(time))
                .isEqualTo(frozen);
    }

    @Test
    void saysWhenItEnds() {
        assertThat(HOLIDAYS).hasToString("freeze \"holidays\" until 2027-01-02 06:00 Europe/Berlin");
        assertThat(new Freeze("weekend", new Freeze.Weekly(FRIDAY, MONDAY), BERLIN))
                .hasToString("freeze \"weekend\" until mon 06:05 Europe/Berlin");
    }
}
