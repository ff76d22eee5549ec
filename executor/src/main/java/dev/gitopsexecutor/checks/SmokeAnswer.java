package dev.gitopsexecutor.checks;

import com.google.re2j.Pattern;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Judges the answer to a smoke check. */
final class SmokeAnswer {
    private final SmokeProbe.Http probe;
    private final Quoting quoting;

    SmokeAnswer(SmokeProbe.Http probe, Quoting quoting) {
        this.probe = probe;
        this.quoting = quoting;
    }

    /** What would be right. */
    static String wanted(SmokeProbe.Http probe) {
        List<String> wanted = new ArrayList<>();
        wanted.add("status "
                + (probe.status().isEmpty()
                        ? "2xx"
                        : probe.status().stream().map(String::valueOf).collect(Collectors.joining(" or "))));
        probe.json().forEach((pointer, value) -> wanted.add("\"%s\" at %s".formatted(value, pointer)));
        probe.matches().ifPresent(pattern -> wanted.add("a match of /%s/".formatted(pattern)));
        probe.latency().ifPresent(latency -> wanted.add("all within %d ms".formatted(latency.toMillis())));
        return String.join(", ", wanted);
    }

    /**
     * Everything that is wrong with an answer; only the status where that is wrong, since the rest follows from it.
     */
    List<String> wrong(Answer answer, Duration took) {
        if (!isStatusRight(answer)) {
            return List.of(
                    answer.isRedirect()
                            ? quoting.redirect(answer) + " (redirects are not followed: check where it leads)"
                            : "status %d%s".formatted(answer.status(), body(answer)));
        }
        List<String> wrong = new ArrayList<>();
        probe.json().forEach((pointer, value) -> {
            switch (JsonBody.at(pointer, answer, quoting)) {
                case JsonBody.Found.Nothing(String saw) -> wrong.add(saw);
                case JsonBody.Found.Structure(String saw) -> wrong.add(saw);
                case JsonBody.Found.Value(String found) -> {
                    if (!found.equals(value)) {
                        wrong.add("%s at %s".formatted(quoting.quote(found), pointer));
                    }
                }
            }
        });
        if (probe.matches().isPresent()
                && !Pattern.compile(probe.matches().get())
                        .matcher(answer.body())
                        .find()) {
            wrong.add(
                    answer.isCut()
                            ? "no match in the first 64 KiB, and the answer is longer than 64 KiB"
                            : "no match in " + quoting.quote(answer.body()));
        }
        if (probe.latency().isPresent() && took.compareTo(probe.latency().get()) > 0) {
            wrong.add("the whole answer took %d ms".formatted(took.toMillis()));
        }
        return wrong;
    }

    private String body(Answer answer) {
        return answer.body().isBlank() ? "" : ": " + quoting.quote(answer.body());
    }

    private boolean isStatusRight(Answer answer) {
        return probe.status().isEmpty() ? answer.isGood() : probe.status().contains(answer.status());
    }
}
