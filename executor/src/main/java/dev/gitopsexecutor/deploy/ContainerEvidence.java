package dev.gitopsexecutor.deploy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.gitopsexecutor.io.DurationText;
import dev.gitopsexecutor.io.PlainText;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * What {@code logs.sh} tells of a container, as it may be printed: its life, what its own health check said, the end of its
 * log. All of it is foreign text: masked, then cleaned, then cut.
 *
 * @see <a href="https://docs.docker.com/reference/api/engine/version/v1.47/#tag/Container/operation/ContainerInspect">what the
 *     engine tells under {@code State}</a>
 */
final class ContainerEvidence {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int LOG_LINES = 50;
    private static final int PROBES = 5;
    private static final int LONGEST = 200;
    /** The engine cuts what a health check printed here, which may be in the middle of a secret. */
    private static final int CUT_BY_ENGINE = 4096;

    private final JsonNode state;
    private final String driver;
    private final Optional<Instant> now;
    private final String log;
    private final boolean readable;
    private final UnaryOperator<String> mask;

    private ContainerEvidence(
            JsonNode known, Optional<Instant> now, String log, boolean readable, UnaryOperator<String> mask) {
        this.state = known.path("state");
        this.driver = known.path("driver").asText();
        this.now = now;
        this.log = log;
        this.readable = readable;
        this.mask = mask;
    }

    /** @param mask takes secrets out of a text */
    static ContainerEvidence parse(String output, UnaryOperator<String> mask) {
        String[] parts = output.split("\n", 3);
        boolean whole = parts.length == 3 && parts[0].startsWith("container ") && parts[1].startsWith("now ");
        String rest = whole ? parts[2].stripTrailing() : "";
        int end = rest.lastIndexOf('\n');
        return new ContainerEvidence(
                whole ? json(parts[0].substring("container ".length())) : JSON.createObjectNode(),
                whole ? instant(parts[1].substring("now ".length()).replaceFirst("\\.\\D*Z$", "Z")) : Optional.empty(),
                rest.substring(0, Math.max(0, end)),
                rest.substring(end + 1).equals("read"),
                mask);
    }

    /** One fact each, the log's lines behind a bar. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        life().ifPresent(lines::add);
        String error = shown(state.path("Error").asText());
        if (!error.isEmpty()) {
            lines.add("the engine says: " + error);
        }
        lines.addAll(health());
        List<String> tail = PlainText.lastLines(mask.apply(log), LOG_LINES);
        if (!readable) {
            lines.add("its log cannot be read%s: %s"
                    .formatted(
                            driver.isEmpty() ? "" : " (log driver \"%s\")".formatted(shown(driver)),
                            tail.isEmpty() ? "nobody says why" : tail.getLast()));
            return lines;
        }
        lines.add(
                switch (tail.size()) {
                    case 0 -> "it logged nothing";
                    case 1 -> "its last log line:";
                    default -> "its last %d log lines:".formatted(tail.size());
                });
        tail.forEach(line -> lines.add("| " + line));
        return lines;
    }

    /** {@code started 12 s ago, ended 11 s ago}. */
    private Optional<String> life() {
        Optional<String> started = ago(state.path("StartedAt"));
        boolean runs = state.path("Running").asBoolean();
        Optional<String> ended = ago(state.path("FinishedAt"));
        if (started.isEmpty()) {
            return Optional.of("it was never started").filter(_ -> state.has("StartedAt"));
        }
        return Optional.of("started " + started.get()
                + ended.map(end -> runs ? ", ended the last time " + end : ", ended " + end)
                        .orElse(""));
    }

    private List<String> health() {
        JsonNode health = state.path("Health");
        List<JsonNode> probes = new ArrayList<>();
        health.path("Log").forEach(probes::add);
        if (probes.isEmpty()) {
            return List.of();
        }
        int failures = health.path("FailingStreak").asInt();
        List<String> lines = new ArrayList<>();
        lines.add("its health check says %s%s:"
                .formatted(
                        shown(health.path("Status").asText()),
                        failures > 0
                                ? ", failed %s".formatted(failures == 1 ? "once" : failures + " times in a row")
                                : ""));
        for (JsonNode probe : probes.subList(Math.max(0, probes.size() - PROBES), probes.size())) {
            lines.add("  " + probe(probe));
        }
        return lines;
    }

    /** {@code exit code 1, 4 s ago: connection refused}. */
    private String probe(JsonNode probe) {
        String output = probe.path("Output").asText();
        if (output.length() >= CUT_BY_ENGINE) {
            output = output.substring(0, output.lastIndexOf('\n') + 1);
        }
        String said = shown(output);
        return "exit code %d%s: %s"
                .formatted(
                        probe.path("ExitCode").asInt(),
                        ago(probe.path("Start")).map(age -> ", " + age).orElse(""),
                        said.isEmpty() ? "no output" : said);
    }

    private Optional<String> ago(JsonNode time) {
        // Year 1 is how the engine writes never.
        return instant(time.asText())
                .filter(then -> then.isAfter(Instant.EPOCH))
                .flatMap(then -> now.map(end -> DurationText.coarse(Duration.between(then, end)) + " ago"));
    }

    private String shown(String text) {
        String sentence = PlainText.sentence(mask.apply(text));
        return sentence.length() <= LONGEST ? sentence : sentence.substring(0, LONGEST) + "…";
    }

    private static Optional<Instant> instant(String text) {
        try {
            return Optional.of(OffsetDateTime.parse(text).toInstant());
        } catch (DateTimeParseException damaged) {
            return Optional.empty();
        }
    }

    private static JsonNode json(String text) {
        try {
            JsonNode node = JSON.readTree(text);
            return node == null ? JSON.createObjectNode() : node;
        } catch (JsonProcessingException damaged) {
            return JSON.createObjectNode();
        }
    }
}
