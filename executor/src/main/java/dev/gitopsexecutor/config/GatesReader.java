package dev.gitopsexecutor.config;

import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.policy.Freeze;
import dev.gitopsexecutor.policy.Gates;
import dev.gitopsexecutor.policy.People;
import dev.gitopsexecutor.policy.Tier;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The keys of an environment that say when it may change, and after what. */
final class GatesReader {
    private static final String NOWHERE = "none";
    private static final Duration PRODUCTION_SOAK = Duration.ofHours(1);
    private static final Pattern NAME = Pattern.compile("[^\\p{Cntrl}\"]{1,63}");
    private static final Pattern ONCE = Pattern.compile("([0-9]{4}-[0-9]{2}-[0-9]{2}) ([0-9]{2}:[0-9]{2})");
    private static final Pattern WEEKLY = Pattern.compile("(mon|tue|wed|thu|fri|sat|sun) ([0-9]{2}:[0-9]{2})");
    private static final List<String> DAYS = List.of("mon", "tue", "wed", "thu", "fri", "sat", "sun");

    private GatesReader() {}

    private enum Start {
        AUTOMATIC,
        MANUAL
    }

    private enum Outdated {
        REFUSE,
        ALLOW
    }

    private enum WithoutGitLab {
        DENY,
        ALLOW
    }

    static Optional<Gates> read(EnvironmentName name, YamlMap map, Tier tier, PromotionWays ways) {
        int before = map.problems().count();
        boolean production = tier == Tier.PRODUCTION;
        Start start =
                map.optional("start", YamlType.oneOf(Start.values()), production ? Start.MANUAL : Start.AUTOMATIC);
        Optional<Gates.Promotion> promotion = promotion(name, map, tier, ways);
        List<Freeze> freezes = map.optionalMap("freezes", GatesReader::freezes).orElse(List.of());
        Optional<People> breakGlass = map.optionalMap("break_glass", PolicyReader::people);
        Outdated outdated = map.optional("outdated", YamlType.oneOf(Outdated.values()), Outdated.REFUSE);
        WithoutGitLab alone =
                map.optional("without_gitlab", YamlType.oneOf(WithoutGitLab.values()), WithoutGitLab.DENY);
        if (production && outdated == Outdated.ALLOW) {
            map.problem("outdated", "must stay refuse in production; remove the line");
        }
        if (production && alone == WithoutGitLab.ALLOW) {
            map.problem("without_gitlab", "must stay deny in production; remove the line");
        } else if (start == Start.MANUAL && alone == WithoutGitLab.ALLOW) {
            map.problem(
                    "without_gitlab", "contradicts `start: manual`, which GitLab alone can tell; remove one of them");
        }
        return map.problems()
                .ifNoneSince(
                        before,
                        () -> new Gates(
                                freezes,
                                breakGlass,
                                promotion,
                                start == Start.MANUAL,
                                alone == WithoutGitLab.ALLOW,
                                outdated == Outdated.ALLOW));
    }

    private static Optional<Gates.Promotion> promotion(
            EnvironmentName name, YamlMap map, Tier tier, PromotionWays ways) {
        boolean production = tier == Tier.PRODUCTION;
        YamlType<Optional<EnvironmentName>> type =
                YamlType.text(text -> text.equals(NOWHERE) ? Optional.empty() : Optional.of(new EnvironmentName(text)));
        if (production && !map.has("promotes_from")) {
            map.problem(
                    "promotes_from",
                    "missing; name the environment in which its images are proven first, or write none to do without");
        }
        Optional<EnvironmentName> from = map.optional("promotes_from", type).flatMap(value -> value);
        ways.add(name, map, tier, from);
        Duration soak = map.optional(
                "soak",
                Texts.duration(Duration.ZERO, Duration.ofDays(30)),
                production ? PRODUCTION_SOAK : Duration.ZERO);
        if (from.isEmpty() && map.has("soak")) {
            map.problem("soak", "means nothing without `promotes_from`; remove the line");
        }
        return from.map(environment -> new Gates.Promotion(environment, soak));
    }

    private static Optional<List<Freeze>> freezes(YamlMap map) {
        List<Freeze> freezes = new ArrayList<>();
        map.eachMap(
                GatesReader::freezeName, (name, entry) -> freeze(name, entry).ifPresent(freezes::add));
        return Optional.of(freezes);
    }

    private static String freezeName(String text) {
        if (!NAME.matcher(text).matches()) {
            throw new IllegalArgumentException("write a name of 1 to 63 characters without quotes");
        }
        return text;
    }

    private static Optional<Freeze> freeze(String name, YamlMap map) {
        int before = map.problems().count();
        Optional<Moment> from = map.required("from", YamlType.text(GatesReader::moment));
        Optional<Moment> until = map.required("until", YamlType.text(GatesReader::moment));
        ZoneId zone = map.optional("timezone", YamlType.text(GatesReader::zone), ZoneId.of("UTC"));
        Optional<Freeze.Span> span = from.flatMap(start -> until.flatMap(start::to));
        if (from.isPresent() && until.isPresent() && span.isEmpty()) {
            map.problem(
                    "until", "write a later time of the same kind as `from`; a week's may lie before it, not be it");
        }
        map.end();
        return map.problems().ifNoneSince(before, () -> new Freeze(name, span.orElseThrow(), zone));
    }

    /** One end of a span. */
    private sealed interface Moment {
        /** Empty when no span goes from here to there. */
        Optional<Freeze.Span> to(Moment end);
    }

    private record Date(LocalDate day, LocalTime time) implements Moment {
        @Override
        public Optional<Freeze.Span> to(Moment end) {
            return end instanceof Date(LocalDate lastDay, LocalTime last)
                            && day.atTime(time).isBefore(lastDay.atTime(last))
                    ? Optional.of(new Freeze.Once(day.atTime(time), lastDay.atTime(last)))
                    : Optional.empty();
        }
    }

    private record Week(Freeze.WeekTime time) implements Moment {
        @Override
        public Optional<Freeze.Span> to(Moment end) {
            return end instanceof Week(Freeze.WeekTime last) && !last.equals(time)
                    ? Optional.of(new Freeze.Weekly(time, last))
                    : Optional.empty();
        }
    }

    private static Moment moment(String text) {
        Matcher once = ONCE.matcher(text);
        Matcher weekly = WEEKLY.matcher(text);
        try {
            if (once.matches()) {
                return new Date(LocalDate.parse(once.group(1)), LocalTime.parse(once.group(2)));
            }
            if (weekly.matches()) {
                DayOfWeek day = DayOfWeek.of(1 + DAYS.indexOf(weekly.group(1)));
                return new Week(new Freeze.WeekTime(day, LocalTime.parse(weekly.group(2))));
            }
        } catch (DateTimeException noSuchTime) {
            throw new IllegalArgumentException("there is no such time", noSuchTime);
        }
        throw new IllegalArgumentException(
                "write a date such as 2026-12-23 18:00, or a time of the week such as fri 16:00");
    }

    private static ZoneId zone(String text) {
        if (!ZoneId.getAvailableZoneIds().contains(text)) {
            throw new IllegalArgumentException("write a time zone such as Europe/Berlin or UTC");
        }
        return ZoneId.of(text);
    }
}
