package dev.gitopsexecutor.checks;

import dev.gitopsexecutor.checks.CheckResult.Failed;
import dev.gitopsexecutor.checks.CheckResult.Passed;
import dev.gitopsexecutor.checks.CheckResult.Warned;
import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.io.Deadline;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** Asks a health URL until it answers well several times in a row, or it is clear that it will not. */
public final class HealthCheck {
    private static final Duration REQUEST = Duration.ofSeconds(5);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);
    /** Answers that no waiting cures, such as 404; some applications give a few before they know their routes. */
    private static final int HOPELESS_ANSWERS = 5;

    private final Vantage from;
    private final Quoting quoting;
    private final Cancellation cancellation;

    /** @param mask takes secrets out of an answer's text before a piece of it is shown */
    public HealthCheck(Vantage from, UnaryOperator<String> mask, Cancellation cancellation) {
        this.from = from;
        this.quoting = new Quoting(mask);
        this.cancellation = cancellation;
    }

    /**
     * What to ask and what to want.
     *
     * @param check the name of the result: {@code health} or {@code public health}; with {@code version} in its place
     *     it is that of the second
     * @param url of the scheme http or https, which names a host
     * @param successes in a row that are wanted, each on a connection of its own: behind a balancer each may be another
     *     replica's
     */
    public record Question(String check, URI url, Optional<VersionPointer> version, int successes) {
        String versionCheck() {
            return check.replaceFirst("health$", "version");
        }

        String wanted() {
            return "status " + good();
        }

        String good() {
            return switch (successes) {
                case 1 -> "2xx";
                case 2 -> "2xx twice in a row";
                case 3 -> "2xx three times in a row";
                default -> "2xx %d times in a row".formatted(successes);
            };
        }
    }

    /** What one attempt saw. */
    private sealed interface Verdict {
        String saw();

        /** @param missing why the answer tells no version, where it need not */
        record Good(String saw, Optional<String> missing) implements Verdict {}

        record NotYet(String saw) implements Verdict {}

        /** There was no time left for the attempt, or the job was canceled. */
        record CutOff(String saw) implements Verdict {}

        /** Waiting cures it hardly, and not for long. */
        record Hopeless(String saw, String advice) implements Verdict {}

        record WrongVersion(String saw) implements Verdict {}

        /** Waiting does not cure it. */
        record Fatal(String saw) implements Verdict {}
    }

    /**
     * Blocks.
     *
     * @param fatal looked at before each attempt; what it finds ends the check
     * @param progress hears what each attempt saw
     * @return health, then version when it is asked for; a single failure when one of them, or {@code fatal}, failed.
     *     Canceled, it fails.
     */
    public List<CheckResult> await(
            Question question, Deadline deadline, Supplier<Optional<Failed>> fatal, Consumer<String> progress)
            throws InterruptedException {
        Transcript transcript = new Transcript(deadline.clock());
        Request request = Request.get(question.url());
        Optional<Verdict> last = Optional.empty();
        Optional<Verdict.WrongVersion> other = Optional.empty();
        boolean everGood = false;
        int good = 0;
        int hopeless = 0;
        Duration pause = FIRST_PAUSE;
        while (true) {
            Optional<Failed> ended = fatal.get();
            if (ended.isPresent()) {
                return List.of(ended.get());
            }
            Verdict seen = ask(request, question, deadline);
            transcript.add(seen.saw());
            progress.accept(seen.saw());
            good = seen instanceof Verdict.Good ? good + 1 : 0;
            hopeless = isHopeless(seen) ? hopeless + 1 : 0;
            // What was cut off tells less than the answer before it.
            Verdict telling = seen instanceof Verdict.CutOff ? last.orElse(seen) : seen;
            everGood |= seen instanceof Verdict.Good;
            other = seen instanceof Verdict.WrongVersion wrong ? Optional.of(wrong) : other;
            last = Optional.of(telling);
            if (seen instanceof Verdict.Good(String _, Optional<String> missing) && good == question.successes()) {
                return passed(question, request, missing, transcript);
            }
            boolean over = seen instanceof Verdict.Fatal || hopeless == HOPELESS_ANSWERS;
            if (over || pausedUntilCanceled(pause, deadline) || deadline.hasPassed()) {
                // Replicas that answer by turns are of two versions, whichever was the last to answer.
                Verdict verdict = everGood && other.isPresent()
                        ? new Verdict.WrongVersion(
                                "not always the same version: " + other.get().saw())
                        : telling;
                return List.of(failed(question, request, verdict, transcript));
            }
            pause = good > 0 ? FIRST_PAUSE : longer(pause);
        }
    }

    private Verdict ask(Request request, Question question, Deadline deadline) throws InterruptedException {
        Answer answer;
        boolean isLast = deadline.remaining().compareTo(REQUEST) < 0;
        try {
            answer = HttpProbe.ask(request, from, deadline.orAfter(REQUEST), cancellation);
        } catch (TlsRefusal refused) {
            return new Verdict.Fatal(quoting.plain(refused));
        } catch (Attempt.Canceled canceled) {
            return new Verdict.CutOff("canceled");
        } catch (IOException failed) {
            String saw = "no answer: " + quoting.plain(failed);
            return isLast && failed instanceof Attempt.Late ? new Verdict.CutOff(saw) : new Verdict.NotYet(saw);
        }
        String status = "status " + answer.status();
        if (answer.isGood()) {
            return question.version()
                    .map(version -> judged(version, version.read(answer, quoting), status))
                    .orElseGet(() -> new Verdict.Good(status, Optional.empty()));
        }
        if (answer.isRedirect()) {
            return new Verdict.Hopeless(
                    quoting.redirect(answer), " (redirects are not followed: check where it leads)");
        }
        return switch (answer.status()) {
            case 401, 403 -> new Verdict.Hopeless(status, ": checks have no credentials, give a URL that wants none");
            case 404, 410 -> new Verdict.Hopeless(status, ": nothing is at that path, correct the URL");
            case 405 -> new Verdict.Hopeless(status, ": GET is not allowed there, give a URL where it is");
            default -> new Verdict.NotYet(status);
        };
    }

    private static Verdict judged(VersionPointer version, VersionPointer.Reading reading, String status) {
        return switch (reading) {
            case VersionPointer.Reading.Right _ -> new Verdict.Good(status, Optional.empty());
            case VersionPointer.Reading.Wrong(String saw) -> new Verdict.WrongVersion(saw);
            case VersionPointer.Reading.Missing(String saw) ->
                version.required() ? new Verdict.WrongVersion(saw) : new Verdict.Good(status, Optional.of(saw));
        };
    }

    private static boolean isHopeless(Verdict seen) {
        return seen instanceof Verdict.Hopeless || seen instanceof Verdict.WrongVersion;
    }

    private List<CheckResult> passed(
            Question question, Request request, Optional<String> missing, Transcript transcript) {
        List<CheckResult> results = new ArrayList<>();
        results.add(
                new Passed(question.check(), from.name(), question.good(), transcript.attempts(), transcript.took()));
        question.version()
                .map(version -> missing.<CheckResult>map(
                                saw -> new Warned(failed(question, request, new Verdict.WrongVersion(saw), transcript)))
                        .orElseGet(() -> new Passed(
                                question.versionCheck(),
                                from.name(),
                                "\"" + version.tag() + "\"",
                                transcript.attempts(),
                                transcript.took())))
                .ifPresent(results::add);
        return List.copyOf(results);
    }

    private Failed failed(Question question, Request request, Verdict last, Transcript transcript) {
        boolean isVersion = last instanceof Verdict.WrongVersion;
        String lastSeen = switch (last) {
            case Verdict.Hopeless(String saw, String advice) -> saw + advice;
            case Verdict.Good(String saw, Optional<String> _) -> saw + ", but not often enough in a row";
            default -> last.saw();
        };
        return new Failed(
                isVersion ? question.versionCheck() : question.check(),
                from.name() + ", " + quoting.url(request),
                isVersion ? question.version().map(VersionPointer::wanted).orElse("") : question.wanted(),
                lastSeen,
                transcript.attempts(),
                transcript.took(),
                transcript.seen());
    }

    /**
     * A pause of ±20 %, so that many hosts are not asked in step, but not beyond the deadline; true when the job was
     * canceled meanwhile.
     */
    private boolean pausedUntilCanceled(Duration pause, Deadline deadline) throws InterruptedException {
        Duration jittered = pause.multipliedBy(ThreadLocalRandom.current().nextLong(80, 121))
                .dividedBy(100);
        Duration left = deadline.remaining();
        return cancellation.await(jittered.compareTo(left) < 0 ? jittered : left);
    }

    private static Duration longer(Duration pause) {
        Duration twice = pause.multipliedBy(2);
        return twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
    }
}
