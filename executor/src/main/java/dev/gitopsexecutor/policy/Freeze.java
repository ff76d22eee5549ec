package dev.gitopsexecutor.policy;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.TextStyle;
import java.util.Locale;

/**
 * A time in which nothing is deployed.
 *
 * @param name for people, such as {@code holidays}
 * @param zone in which the span's clock stands
 */
public record Freeze(String name, Span span, ZoneId zone) {

    public boolean includes(Instant time) {
        return span.includes(time.atZone(zone));
    }

    @Override
    public String toString() {
        return "freeze \"%s\" until %s %s".formatted(name, span.end(), zone);
    }

    /** From its beginning, included, to its end, excluded. */
    public sealed interface Span {
        boolean includes(ZonedDateTime time);

        /** As the file has it. */
        String end();
    }

    /** Once. */
    public record Once(LocalDateTime from, LocalDateTime until) implements Span {
        private static final DateTimeFormatter FORMAT = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT);

        @Override
        public boolean includes(ZonedDateTime time) {
            LocalDateTime local = time.toLocalDateTime();
            return !local.isBefore(from) && local.isBefore(until);
        }

        @Override
        public String end() {
            return until.format(FORMAT);
        }
    }

    /** Every week; an end before the beginning is in the week after. */
    public record Weekly(WeekTime from, WeekTime until) implements Span {
        @Override
        public boolean includes(ZonedDateTime time) {
            int minute = new WeekTime(time.getDayOfWeek(), time.toLocalTime()).minute();
            boolean afterFrom = minute >= from.minute();
            boolean beforeUntil = minute < until.minute();
            return from.minute() < until.minute() ? afterFrom && beforeUntil : afterFrom || beforeUntil;
        }

        @Override
        public String end() {
            return until.toString();
        }
    }

    /** A time of the week, such as {@code fri 16:00}. */
    public record WeekTime(DayOfWeek day, LocalTime time) {
        int minute() {
            return day.getValue() * 24 * 60 + time.getHour() * 60 + time.getMinute();
        }

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
