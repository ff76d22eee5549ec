package dev.gitopsexecutor.config;

import dev.gitopsexecutor.checks.Place;
import dev.gitopsexecutor.checks.SmokeProbe;
import dev.gitopsexecutor.checks.SmokeSpec;
import dev.gitopsexecutor.deploy.CheckSpec;
import dev.gitopsexecutor.deploy.EnvironmentSpec;
import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.model.ServiceName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The smoke checks of a deploy spec. */
final class SmokeReader {
    private static final int MOST_WORDS = 100;
    private static final int LONGEST_TEXT = 8 * 1024;
    private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);

    static final YamlType<String> PATH =
            Texts.matching(SmokeProbe.PATH, "a path with its query, such as /orders?limit=1");

    /** Token of RFC 9110. */
    private static final Pattern HEADER = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}");

    private static final YamlType<String> METHOD = YamlType.text(text -> {
        if (!SmokeProbe.METHODS.contains(text)) {
            throw new IllegalArgumentException("write GET, HEAD, OPTIONS, POST, PUT, PATCH or DELETE");
        }
        return text;
    });

    private enum From {
        HOST,
        PUBLIC,
        BOTH;

        Set<Place> places() {
            return switch (this) {
                case HOST -> EnumSet.of(Place.HOST);
                case PUBLIC -> EnumSet.of(Place.PUBLIC);
                case BOTH -> EnumSet.allOf(Place.class);
            };
        }
    }

    private final NavigableSet<ServiceName> services;
    private final Map<EnvironmentName, EnvironmentSpec> environments;

    /** @param services that stay */
    SmokeReader(NavigableSet<ServiceName> services, Map<EnvironmentName, EnvironmentSpec> environments) {
        this.services = services;
        this.environments = environments;
    }

    List<SmokeSpec> read(YamlMap checks) {
        List<SmokeSpec> smoke = new ArrayList<>();
        var _ = checks.optionalMap("smoke", map -> {
            if (map.isEmpty() || map.size() > CheckSpec.MOST_SMOKE) {
                checks.problem("smoke", "%d checks; write 1 to %d".formatted(map.size(), CheckSpec.MOST_SMOKE));
            }
            map.eachMap(SmokeReader::name, (name, check) -> check(name, check).ifPresent(smoke::add));
            return Optional.of(map);
        });
        return smoke;
    }

    private static String name(String text) {
        if (!SmokeSpec.NAME.matcher(text).matches()) {
            throw new IllegalArgumentException("write a name of small letters, digits, _ and -, at most 40 of them");
        }
        return text;
    }

    private Optional<SmokeSpec> check(String name, YamlMap map) {
        int before = map.problems().count();
        long kinds = Stream.of("path", "tcp", "command").filter(map::has).count();
        if (kinds != 1) {
            map.problem(
                    map.has("command") ? "command" : "path",
                    "write one of path, tcp and command: what the check asks for");
        }
        Optional<SmokeProbe> probe = Optional.empty();
        if (kinds == 1) {
            probe = map.has("path") ? http(map) : map.has("tcp") ? tcp(map) : command(map);
        }
        boolean repeats =
                !(probe.orElse(null) instanceof SmokeProbe.Http http && http.mutating()) && !map.has("command");
        long retries = map.optional("retries", YamlType.integer(0, SmokeSpec.MOST_RETRIES), repeats ? 2L : 0L);
        if (!repeats && retries > 0) {
            map.problem("retries", "what changes something, or may, is done once; remove the line");
        }
        Duration timeout = map.optional(
                "timeout",
                Texts.duration(Duration.ofMillis(100), SmokeSpec.LONGEST_TIMEOUT),
                map.has("command") ? Duration.ofSeconds(60) : DEFAULT_TIMEOUT);
        boolean blocking = map.optional("blocking", YamlType.BOOLEAN, true);
        if (kinds == 1) {
            map.end();
        }
        Optional<SmokeProbe> read = probe;
        return map.problems()
                .ifNoneSince(before, () -> new SmokeSpec(name, read.orElseThrow(), blocking, (int) retries, timeout));
    }

    private Optional<SmokeProbe> http(YamlMap map) {
        int before = map.problems().count();
        Optional<String> path = map.required("path", PATH);
        String method = map.optional("method", METHOD, "GET");
        boolean mutating = map.optional("mutating", YamlType.BOOLEAN, false);
        if (!mutating && !SmokeProbe.READING.contains(method)) {
            map.problem("method", "%s changes something; write `mutating: true` too".formatted(method));
        }
        NavigableMap<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        var _ = map.optionalMap("headers", entries -> {
            entries.eachValue(SmokeReader::header, line(), headers::put);
            return Optional.of(entries);
        });
        Optional<String> body = map.optional("body", text(LONGEST_TEXT));
        if (body.isPresent() && SmokeProbe.READING.contains(method)) {
            map.problem("body", "%s sends none; choose another method or remove the line".formatted(method));
        }
        List<Long> status = map.optionalList("status", YamlType.integer(200, 599), List.of());
        NavigableMap<String, String> json = new TreeMap<>();
        var _ = map.optionalMap("json", entries -> {
            entries.eachValue(SmokeReader::pointer, YamlType.AS_WRITTEN, json::put);
            return Optional.of(entries);
        });
        Optional<String> matches = map.optional("matches", YamlType.text(SmokeReader::expression));
        if (method.equals("HEAD") && (!json.isEmpty() || matches.isPresent())) {
            map.problem("method", "the answer to HEAD has no body to look into");
        }
        Optional<Duration> latency =
                map.optional("latency", Texts.duration(Duration.ofMillis(1), SmokeSpec.LONGEST_TIMEOUT));
        Set<Place> from = from(map);
        return map.problems()
                .<SmokeProbe>ifNoneSince(
                        before,
                        () -> new SmokeProbe.Http(
                                path.orElseThrow(),
                                method,
                                headers,
                                body,
                                new TreeSet<>(
                                        status.stream().map(Math::toIntExact).toList()),
                                json,
                                matches,
                                latency,
                                from,
                                mutating))
                .filter(probe -> hasVariables((SmokeProbe.Http) probe, map));
    }

    private boolean hasVariables(SmokeProbe.Http http, YamlMap map) {
        int before = map.problems().count();
        String place = map.has("headers") ? "headers" : "body";
        CheckSpec.placeholders(http)
                .forEach(name -> environments.forEach((environment, spec) -> {
                    if (spec.names().stream().noneMatch(key -> key.value().equals(name))) {
                        map.problem(
                                place,
                                "{%s} is no variable of environment %s; add it there".formatted(name, environment));
                    }
                    if (http.from().contains(Place.PUBLIC)
                            && spec.url()
                                    .filter(url -> url.getScheme().equals("http"))
                                    .isPresent()) {
                        map.problem(
                                place,
                                "{%s} would cross the network for everybody to read; write https:// in `url` of environment %s"
                                        .formatted(name, environment));
                    }
                }));
        return map.problems().count() == before;
    }

    private Optional<SmokeProbe> tcp(YamlMap map) {
        int before = map.problems().count();
        Optional<Long> port = map.required("tcp", YamlType.integer(1, 65_535));
        Set<Place> from = from(map);
        return map.problems().ifNoneSince(before, () -> new SmokeProbe.Tcp(Math.toIntExact(port.orElseThrow()), from));
    }

    private Optional<SmokeProbe> command(YamlMap map) {
        int before = map.problems().count();
        List<String> command = map.list("command", text(LONGEST_TEXT));
        if (command.size() > MOST_WORDS) {
            map.problem("command", "%d words; write at most %d".formatted(command.size(), MOST_WORDS));
        }
        Optional<ServiceName> service = map.optional("service", YamlType.text(ServiceName::new));
        service.filter(name -> !services.contains(name) && !services.isEmpty())
                .ifPresent(_ -> map.problem("service", "is not one of the services above that stay"));
        return map.problems()
                .ifNoneSince(
                        before,
                        () -> service.<SmokeProbe>map(name -> new SmokeProbe.InService(name, command))
                                .orElseGet(() -> new SmokeProbe.InJob(command)));
    }

    private Set<Place> from(YamlMap map) {
        From from = map.optional("from", YamlType.oneOf(From.values()), From.HOST);
        if (from != From.HOST
                && environments.values().stream().noneMatch(spec -> spec.url().isPresent())) {
            map.problem("from", "no environment has a public URL; add `url` to one, or write host");
        }
        return from.places();
    }

    private static String header(String text) {
        if (!HEADER.matcher(text).matches() || SmokeProbe.FRAME_HEADERS.contains(text.toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException("write the name of a header that is not the request's own frame");
        }
        return text;
    }

    private static YamlType<String> line() {
        return YamlType.text(Texts.nonBlank("a value in one line, without spaces around it"));
    }

    private static YamlType<String> text(int longest) {
        return YamlType.text(text -> {
            if (text.length() > longest || text.indexOf('\0') >= 0) {
                throw new IllegalArgumentException("write at most %d characters, none of them NUL".formatted(longest));
            }
            return text;
        });
    }

    private static String pointer(String text) {
        if (!DeploySpecReader.POINTER.matcher(text).matches()) {
            throw new IllegalArgumentException("write a JSON pointer, such as /items/0/id");
        }
        return text;
    }

    private static String expression(String text) {
        try {
            SmokeProbe.requireExpression(text);
            return text;
        } catch (IllegalArgumentException malformed) {
            throw new IllegalArgumentException(
                    "write a regular expression of RE2: " + malformed.getMessage(), malformed);
        }
    }
}
