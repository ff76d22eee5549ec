package dev.gitopsexecutor.checks;

import dev.gitopsexecutor.checks.CheckResult.Failed;
import dev.gitopsexecutor.checks.CheckResult.Passed;
import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.io.Deadline;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** Asks a release something that only a working one can answer, over HTTP or TCP. */
public final class SmokeCheck {
    private static final Duration PAUSE = Duration.ofMillis(500);

    private final Vantage from;
    private final Quoting quoting;
    private final Cancellation cancellation;
    private final InstantSource clock = InstantSource.system();

    /** @param mask takes secrets out of an answer's text before a piece of it is shown */
    public SmokeCheck(Vantage from, UnaryOperator<String> mask, Cancellation cancellation) {
        this.from = from;
        this.quoting = new Quoting(mask);
        this.cancellation = cancellation;
    }

    /** What an attempt saw. */
    private sealed interface Verdict {
        String saw();

        record Good(String saw) implements Verdict {}

        record Bad(String saw) implements Verdict {}

        /** Another attempt would see the same, or is not wanted. */
        record Final(String saw) implements Verdict {}
    }

    private interface Try {
        Verdict once(Deadline deadline) throws InterruptedException;
    }

    /**
     * Blocks for as many attempts as {@code spec} allows.
     *
     * @param spec whose probe is {@link SmokeProbe.Http} or {@link SmokeProbe.Tcp}
     * @param base scheme and authority, before the probe's path; of TCP, the host alone counts
     * @param fill puts values in the place of names in the values of headers and in the body; they may be secrets
     * @return a warning in place of a failure when {@code spec} is not blocking. Canceled, it fails.
     */
    public CheckResult run(SmokeSpec spec, URI base, UnaryOperator<String> fill) throws InterruptedException {
        return switch (spec.probe()) {
            case SmokeProbe.Http http -> http(spec, http, base, fill);
            case SmokeProbe.Tcp tcp -> tcp(spec, tcp, base);
            case SmokeProbe.InService _, SmokeProbe.InJob _ ->
                throw new IllegalArgumentException("a command is not run over the network");
        };
    }

    private CheckResult http(SmokeSpec spec, SmokeProbe.Http http, URI base, UnaryOperator<String> fill)
            throws InterruptedException {
        String wanted = SmokeAnswer.wanted(http);
        Request request;
        try {
            request = request(http, base, fill);
        } catch (IllegalArgumentException invalid) {
            return spec.judged(new Failed(
                    spec.check(),
                    from.name(),
                    wanted,
                    quoting.plain(String.valueOf(invalid.getMessage())),
                    0,
                    Duration.ZERO));
        }
        SmokeAnswer judge = new SmokeAnswer(http, quoting);
        return attempts(spec, from.name() + ", " + quoting.url(request), wanted, !http.mutating(), deadline -> {
            Instant start = clock.instant();
            try {
                Answer answer = HttpProbe.ask(request, from, deadline, cancellation);
                Duration took = Duration.between(start, clock.instant());
                List<String> wrong = judge.wrong(answer, took);
                return wrong.isEmpty()
                        ? new Verdict.Good("status %d in %d ms".formatted(answer.status(), took.toMillis()))
                        : new Verdict.Bad(String.join("; ", wrong));
            } catch (TlsRefusal | Attempt.Canceled no) {
                return new Verdict.Final(quoting.plain(no));
            } catch (IOException failed) {
                return new Verdict.Bad("no answer: " + quoting.plain(failed));
            }
        });
    }

    /** Below {@code base} and nowhere else. */
    private static Request request(SmokeProbe.Http http, URI base, UnaryOperator<String> fill) {
        if (!http.path().startsWith("/")) {
            throw new IllegalArgumentException("the path does not begin with /");
        }
        URI url = URI.create("%s://%s%s".formatted(base.getScheme(), base.getRawAuthority(), http.path()));
        TreeMap<String, String> headers = new TreeMap<>();
        http.headers().forEach((name, value) -> headers.put(name, fill.apply(value)));
        return new Request(http.method(), url, headers, http.body().map(fill));
    }

    private CheckResult tcp(SmokeSpec spec, SmokeProbe.Tcp tcp, URI base) throws InterruptedException {
        Endpoint endpoint = new Endpoint(Endpoint.of(base).address(), tcp.port());
        String asked = "%s, TCP %s:%d".formatted(from.name(), base.getHost(), tcp.port());
        return attempts(spec, asked, "a connection", true, deadline -> {
            try {
                return Attempt.at(endpoint, from.dialer(), deadline, cancellation, _ -> new Verdict.Good("connected"));
            } catch (Attempt.Canceled canceled) {
                return new Verdict.Final(quoting.plain(canceled));
            } catch (IOException failed) {
                return new Verdict.Bad("no connection: " + quoting.plain(failed));
            }
        });
    }

    private CheckResult attempts(SmokeSpec spec, String asked, String wanted, boolean repeatable, Try attempt)
            throws InterruptedException {
        int allowed = repeatable ? 1 + spec.retries() : 1;
        Transcript transcript = new Transcript(clock);
        while (true) {
            Verdict seen = attempt.once(Deadline.after(clock, spec.timeout()));
            transcript.add(seen.saw());
            if (seen instanceof Verdict.Good(String saw)) {
                return new Passed(spec.check(), from.name(), saw, transcript.attempts(), transcript.took());
            }
            boolean over = seen instanceof Verdict.Final || transcript.attempts() >= allowed;
            if (over || cancellation.await(PAUSE)) {
                return spec.judged(new Failed(
                        spec.check(),
                        asked,
                        wanted,
                        seen.saw(),
                        transcript.attempts(),
                        transcript.took(),
                        transcript.seen()));
            }
        }
    }
}
