package dev.gitopsexecutor.checks;

import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.io.Deadline;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Judges the answer to a smoke check. */
final class SmokeAnswer {
    private final SmokeProbe.Http probe;
    private final Quoting quoting;
    private final Cancellation cancellation;

    SmokeAnswer(SmokeProbe.Http probe, Quoting quoting, Cancellation cancellation) {
        this.probe = probe;
        this.quoting = quoting;
        this.cancellation = cancellation;
    }

    /** The pattern takes longer, or more memory, than it may. */
    static final class Endless extends IOException {
        private static final long serialVersionUID = 1L;

        Endless(String message) {
            super(message);
        }
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
     *
     * @param deadline of the attempt
     * @throws Endless when the pattern cannot be searched for by then
     */
    List<String> wrong(Answer answer, Duration took, Deadline deadline) throws Endless {
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
                && !isFound(Pattern.compile(probe.matches().get()), answer.body(), deadline)) {
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

    private boolean isFound(Pattern pattern, String body, Deadline deadline) throws Endless {
        try {
            return pattern.matcher(new Watched(body, 0, body.length(), deadline, cancellation))
                    .find();
        } catch (OutOfTime late) {
            throw new Endless(
                    "the search for /%s/ in the answer does not end in time: simplify the pattern".formatted(pattern));
        } catch (StackOverflowError deep) {
            throw new Endless(
                    "the search for /%s/ in the answer needs too much memory: simplify the pattern".formatted(pattern));
        }
    }

    private static final class OutOfTime extends RuntimeException {
        private static final long serialVersionUID = 1L;

        OutOfTime() {
            super(null, null, false, false);
        }
    }

    /** Text that ends a search in it when the time is over; a bad pattern reads the same characters for years. */
    private static final class Watched implements CharSequence {
        private static final int READS_BETWEEN_LOOKS = 4096;

        private final String text;
        private final int start;
        private final int end;
        private final Deadline deadline;
        private final Cancellation cancellation;
        private int reads;

        Watched(String text, int start, int end, Deadline deadline, Cancellation cancellation) {
            this.text = text;
            this.start = start;
            this.end = end;
            this.deadline = deadline;
            this.cancellation = cancellation;
        }

        @Override
        public char charAt(int index) {
            if (++reads % READS_BETWEEN_LOOKS == 0 && (deadline.hasPassed() || cancellation.isRequested())) {
                throw new OutOfTime();
            }
            return text.charAt(start + index);
        }

        @Override
        public int length() {
            return end - start;
        }

        @Override
        public CharSequence subSequence(int from, int to) {
            return new Watched(text, start + from, start + to, deadline, cancellation);
        }

        @Override
        public String toString() {
            return text.substring(start, end);
        }
    }
}
