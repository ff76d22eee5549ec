package dev.gitopsexecutor.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gitopsexecutor.checks.Place;
import dev.gitopsexecutor.checks.SmokeProbe;
import dev.gitopsexecutor.checks.SmokeSpec;
import dev.gitopsexecutor.model.ServiceName;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** The part {@code checks} of {@code release.json}, both ways. What an earlier version did not write is what it did. */
final class CheckJson {
    private CheckJson() {}

    static void write(CheckSpec checks, ObjectNode node) {
        node.put("health_url", checks.healthUrl().toString())
                .put("deadline_seconds", checks.deadline().toSeconds())
                .put("stability_ms", checks.stability().toMillis());
        checks.version()
                .ifPresent(version -> node.put("version_pointer", version.pointer())
                        .put("version_service", version.service().value())
                        .put("version_required", version.required()));
        checks.publicUrl().ifPresent(url -> node.put("public_url", url.toString()));
        if (!checks.smoke().isEmpty()) {
            ArrayNode smoke = node.putArray("smoke");
            checks.smoke().forEach(check -> write(check, smoke.addObject()));
        }
    }

    /** Throws {@link IllegalArgumentException} for what no deploy.yaml could have said. */
    static CheckSpec read(JsonNode node) {
        Optional<VersionSpec> version = Optional.ofNullable(node.get("version_pointer"))
                .map(pointer -> new VersionSpec(
                        pointer.asText(),
                        new ServiceName(node.path("version_service").asText()),
                        node.path("version_required").asBoolean(true)));
        List<SmokeSpec> smoke = new ArrayList<>();
        node.path("smoke").forEach(check -> smoke.add(smoke(check)));
        return new CheckSpec(
                URI.create(node.path("health_url").asText()),
                Duration.ofSeconds(node.path("deadline_seconds").asLong()),
                version,
                text(node, "public_url").map(URI::create),
                smoke,
                Duration.ofMillis(node.path("stability_ms").asLong(CheckSpec.STABILITY.toMillis())));
    }

    private static void write(SmokeSpec check, ObjectNode node) {
        node.put("name", check.name())
                .put("blocking", check.blocking())
                .put("retries", check.retries())
                .put("timeout_ms", check.timeout().toMillis());
        switch (check.probe()) {
            case SmokeProbe.Http http -> write(http, node);
            case SmokeProbe.Tcp tcp -> {
                node.put("tcp", tcp.port());
                write("from", places(tcp.from()), node);
            }
            case SmokeProbe.InService service -> {
                node.put("service", service.service().value());
                write("command", service.command(), node);
            }
            case SmokeProbe.InJob job -> write("command", job.command(), node);
        }
    }

    private static void write(SmokeProbe.Http http, ObjectNode node) {
        node.put("path", http.path()).put("method", http.method()).put("mutating", http.mutating());
        write("headers", http.headers(), node);
        http.body().ifPresent(body -> node.put("body", body));
        write("status", http.status(), node);
        write("json", http.json(), node);
        http.matches().ifPresent(pattern -> node.put("matches", pattern));
        http.latency().ifPresent(latency -> node.put("latency_ms", latency.toMillis()));
        write("from", places(http.from()), node);
    }

    private static void write(String name, Map<String, String> values, ObjectNode node) {
        ObjectNode map = node.putObject(name);
        values.forEach(map::put);
    }

    private static void write(String name, Collection<?> values, ObjectNode node) {
        ArrayNode list = node.putArray(name);
        values.forEach(value -> list.add(value.toString()));
    }

    private static SmokeSpec smoke(JsonNode node) {
        return new SmokeSpec(
                node.path("name").asText(),
                probe(node),
                node.path("blocking").asBoolean(true),
                node.path("retries").asInt(),
                Duration.ofMillis(node.path("timeout_ms").asLong()));
    }

    private static SmokeProbe probe(JsonNode node) {
        if (node.has("tcp")) {
            return new SmokeProbe.Tcp(node.path("tcp").asInt(), from(node));
        }
        if (node.has("command")) {
            List<String> command = texts(node.path("command"));
            return text(node, "service")
                    .<SmokeProbe>map(service -> new SmokeProbe.InService(new ServiceName(service), command))
                    .orElseGet(() -> new SmokeProbe.InJob(command));
        }
        SortedSet<Integer> status = new TreeSet<>();
        node.path("status").forEach(code -> status.add(code.asInt()));
        return new SmokeProbe.Http(
                node.path("path").asText(),
                node.path("method").asText(),
                map(node.path("headers")),
                text(node, "body"),
                status,
                map(node.path("json")),
                text(node, "matches"),
                Optional.ofNullable(node.get("latency_ms")).map(ms -> Duration.ofMillis(ms.asLong())),
                from(node),
                node.path("mutating").asBoolean());
    }

    private static List<String> places(Set<Place> places) {
        return places.stream()
                .sorted()
                .map(place -> place.name().toLowerCase(Locale.ROOT))
                .toList();
    }

    private static Set<Place> from(JsonNode node) {
        Set<Place> places = EnumSet.noneOf(Place.class);
        texts(node.path("from")).forEach(name -> places.add(Place.valueOf(name.toUpperCase(Locale.ROOT))));
        return places;
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(text -> texts.add(text.asText()));
        return texts;
    }

    private static SortedMap<String, String> map(JsonNode object) {
        SortedMap<String, String> map = new TreeMap<>();
        object.properties()
                .forEach(entry -> map.put(entry.getKey(), entry.getValue().asText()));
        return map;
    }

    private static Optional<String> text(JsonNode node, String name) {
        return Optional.ofNullable(node.get(name)).map(JsonNode::asText);
    }
}
