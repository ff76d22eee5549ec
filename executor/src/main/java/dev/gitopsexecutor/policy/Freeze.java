package dev.gitopsexecutor.policy;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.TextStyle;
import java.time.temporal.TemporalAdjusters;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * A time in which nothing is deployed.
 *
 * @param name for people, such as {@code holidays}
 * @param zone in which the span's clock stands
 */
public record Freeze(String name, Span span, ZoneId zone) {

    public boolean includes(Instant time) {
        return span.includes(time, zone);
    }

    @Override
    public String toString() {
        return "freeze \"%s\" until %s %s".formatted(name, span.end(), zone);
    }

    /** An hour that a clock shows twice is in it, twice. */
    private static boolean between(ZonedDateTime from, ZonedDateTime until, Instant time) {
        return !time.isBefore(from.withEarlierOffsetAtOverlap().toInstant())
                && time.isBefore(until.withLaterOffsetAtOverlap().toInstant());
    }

    /** From its beginning, included, to its end, excluded. */
    public sealed interface Span {
        boolean includes(Instant time, ZoneId zone);

        /** As the file has it. */
        String end();
    }

    /** Once. */
    public record Once(LocalDateTime from, LocalDateTime until) implements Span {
        private static final DateTimeFormatter FORMAT = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT);

        @Override
        public boolean includes(Instant time, ZoneId zone) {
            return between(from.atZone(zone), until.atZone(zone), time);
        }

        @Override
        public String end() {
            return until.format(FORMAT);
        }
    }

    /** Every week; an end before the beginning is in the week after. */
    public record Weekly(WeekTime from, WeekTime until) implements Span {
        @Override
        public boolean includes(Instant time, ZoneId zone) {
            LocalDate today = LocalDate.ofInstant(time, zone);
            LocalDate begins = today.with(TemporalAdjusters.previousOrSame(from.day()));
            // On its first day, the last week's may still go on.
            return Stream.of(begins, begins.minusWeeks(1)).anyMatch(day -> occursFrom(day, time, zone));
        }

        private boolean occursFrom(LocalDate day, Instant time, ZoneId zone) {
            LocalDateTime begin = day.atTime(from.time());
            LocalDateTime sameDay =
                    day.with(TemporalAdjusters.nextOrSame(until.day())).atTime(until.time());
            LocalDateTime end = sameDay.isAfter(begin) ? sameDay : sameDay.plusWeeks(1);
            return between(begin.atZone(zone), end.atZone(zone), time);
        }

        @Override
        public String end() {
            return until.toString();
        }
    }

    /** A time of the week, such as {@code fri 16:00}. */
    public record WeekTime(DayOfWeek day, LocalTime time) {
        @Override
        public String toString() {
            return "%s %02d:%02d"
                    .formatted(
                            day.getDisplayName(TextStyle.SHORT, Locale.ROOT).toLowerCase(Locale.ROOT),
                            time.getHour(),
                            time.getMinute());
        }
    }
}
