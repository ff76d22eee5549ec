package dev.gitopsexecutor.checks;

import dev.gitopsexecutor.checks.CheckResult.Failed;
import dev.gitopsexecutor.checks.CheckResult.Passed;
import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.io.Deadline;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** Asks a host's health URL until it answers well three times in a row, or it is clear that it will not. */
public final class HealthCheck {
    private static final Duration REQUEST = Duration.ofSeconds(5);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);
    private static final int SUCCESSES = 3;
    /** Answers that no waiting cures, such as 404; some applications give a few before they know their routes. */
    private static final int HOPELESS_ANSWERS = 5;

    private final Dialer dialer;
    private final UnaryOperator<String> mask;
    private final Cancellation cancellation;

    /** @param mask takes secrets out of an answer's text before a piece of it is shown */
    public HealthCheck(Dialer dialer, UnaryOperator<String> mask, Cancellation cancellation) {
        this.dialer = dialer;
        this.mask = mask;
        this.cancellation = cancellation;
    }

    /**
     * What to ask and what to want.
     *
     * @param from how a reader knows the place that asks: {@code web-1}
     */
    public record Question(URI url, String from, Optional<VersionPointer> version) {}

    private sealed interface Verdict {
        record Good() implements Verdict {}

        record NotYet(String check, String saw) implements Verdict {}

        record Hopeless(String check, String saw) implements Verdict {}
    }

    /**
     * Blocks.
     *
     * @param fatal looked at before each attempt; what it finds ends the check
     * @return health, then version when it is asked for; a single failure when one of them, or {@code fatal}, failed.
     *     Canceled, it fails.
     */
    public List<CheckResult> await(Question question, Deadline deadline, Supplier<Optional<Failed>> fatal)
            throws InterruptedException {
        Instant start = deadline.clock().instant();
        Verdict last = new Verdict.NotYet("health", "nothing yet");
        int attempts = 0;
        int good = 0;
        int hopeless = 0;
        Duration pause = FIRST_PAUSE;
        try (HttpProbe probe = new HttpProbe(dialer)) {
            while (true) {
                Optional<Failed> ended = fatal.get();
                if (ended.isPresent()) {
                    return List.of(ended.get());
                }
                attempts++;
                Verdict seen = ask(probe, question, deadline.orAfter(REQUEST));
                good = seen instanceof Verdict.Good ? good + 1 : 0;
                hopeless = seen instanceof Verdict.Hopeless ? hopeless + 1 : 0;
                // What the deadline cut off tells less than the answer before it.
                last = attempts > 1 && deadline.hasPassed() ? last : seen;
                Duration took = Duration.between(start, deadline.clock().instant());
                if (good == SUCCESSES) {
                    return passed(question, attempts, took);
                }
                if (hopeless == HOPELESS_ANSWERS || pausedUntilCanceled(pause) || deadline.hasPassed()) {
                    return List.of(failed(question, last, attempts, took));
                }
                pause = good > 0 ? FIRST_PAUSE : longer(pause);
            }
        }
    }

    private Verdict ask(HttpProbe probe, Question question, Deadline deadline) {
        HealthAnswer answer;
        try {
            answer = probe.get(question.url(), deadline);
        } catch (IOException failed) {
            return new Verdict.NotYet("health", "no answer: " + failed.getMessage());
        }
        String status = "status " + answer.status();
        return switch (answer.status()) {
            case 200, 201, 202, 203, 204 ->
                question.version()
                        .flatMap(version -> version.mismatch(answer.body(), mask))
                        .<Verdict>map(saw -> new Verdict.Hopeless("version", saw))
                        .orElseGet(Verdict.Good::new);
            case 401, 403, 404, 405, 410 -> new Verdict.Hopeless("health", status);
            case 301, 302, 303, 307, 308 -> new Verdict.Hopeless("health", status + " (redirects are not followed)");
            default -> new Verdict.NotYet("health", status);
        };
    }

    private static List<CheckResult> passed(Question question, int attempts, Duration took) {
        CheckResult health = new Passed("health", "2xx three times in a row", attempts, took);
        return question.version()
                .<List<CheckResult>>map(
                        version -> List.of(health, new Passed("version", "\"" + version.tag() + "\"", attempts, took)))
                .orElseGet(() -> List.of(health));
    }

    private static Failed failed(Question question, Verdict last, int attempts, Duration took) {
        String from = "%s, %s".formatted(question.from(), question.url());
        return switch (last) {
            case Verdict.NotYet notYet ->
                new Failed(notYet.check(), from, "status 2xx three times in a row", notYet.saw(), attempts, took);
            case Verdict.Hopeless hopeless ->
                new Failed(hopeless.check(), from, wanted(question, hopeless.check()), hopeless.saw(), attempts, took);
            case Verdict.Good good ->
                new Failed("health", from, "status 2xx three times in a row", "too few good answers", attempts, took);
        };
    }

    private static String wanted(Question question, String check) {
        return question.version()
                .filter(version -> check.equals("version"))
                .map(version -> "version \"%s\" at %s".formatted(version.tag(), version.pointer()))
                .orElse("status 2xx three times in a row");
    }

    /** A pause of ±20 %, so that many hosts are not asked in step; true when the job was canceled meanwhile. */
    private boolean pausedUntilCanceled(Duration pause) throws InterruptedException {
        return cancellation.await(pause.multipliedBy(ThreadLocalRandom.current().nextLong(80, 121))
                .dividedBy(100));
    }

    private static Duration longer(Duration pause) {
        Duration twice = pause.multipliedBy(2);
        return twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
    }
}
