package dev.gitopsexecutor.io;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What the job's author reads: sections that GitLab folds, one line per fact.
 *
 * <p>Safe for several threads: a line is never torn. No timestamps, the runner adds them.
 *
 * @see <a href="https://docs.gitlab.com/ci/jobs/job_logs/">GitLab's section markers</a>
 */
public final class JobLog {
    private static final String CYAN = "\u001b[36;1m";
    private static final String GREEN = "\u001b[32;1m";
    private static final String YELLOW = "\u001b[33;1m";
    private static final String RED = "\u001b[31;1m";
    private static final String RESET = "\u001b[0;m";
    private static final String ERASE_LINE = "\r\u001b[0K";

    private final PrintStream out;
    private final UnaryOperator<String> mask;
    private final InstantSource clock;
    private final boolean foldable;
    private final List<Timer> begun = new ArrayList<>();
    private final List<Timer> ended = new ArrayList<>();

    private JobLog(OutputStream out, UnaryOperator<String> mask, InstantSource clock, boolean foldable) {
        this.out = new PrintStream(out, false, UTF_8);
        this.mask = mask;
        this.clock = clock;
        this.foldable = foldable;
    }

    /**
     * {@code out} already masks secrets.
     *
     * @param mask does the same for a text
     */
    public JobLog(OutputStream out, UnaryOperator<String> mask, InstantSource clock) {
        this(out, mask, clock, true);
    }

    /** As {@link #JobLog(OutputStream, UnaryOperator, InstantSource)}, for a terminal, which folds no sections. */
    public static JobLog onTerminal(OutputStream out, UnaryOperator<String> mask, InstantSource clock) {
        return new JobLog(out, mask, clock, false);
    }

    /** One that knows no secrets. */
    public JobLog(OutputStream out, InstantSource clock) {
        this(out, UnaryOperator.identity(), clock);
    }

    /**
     * {@code text} as this log would show it. For what is cut or cleaned before it is printed, since nobody finds a secret
     * in its half; and for what is kept elsewhere.
     */
    public String masked(String text) {
        return mask.apply(text);
    }

    /** Opens a section; it ends when the returned value is closed. {@code name} is of {@code [a-z0-9_]}. */
    public Section section(String name, String title) {
        marker("section_start", name, CYAN + title + RESET);
        Timer timer = new Timer(name, title, clock.instant());
        synchronized (this) {
            begun.add(timer);
        }
        return () -> {
            marker("section_end", name, "");
            synchronized (this) {
                timer.end = clock.instant();
                ended.add(timer);
            }
        };
    }

    /** A section as it was or is open, the title masked; one may lie within another. */
    public record Span(String name, String title, Instant start, Instant end) {}

    /** All sections, in the order of their starts; one that is still open is taken to end now. */
    public List<Span> spans() {
        synchronized (this) {
            Instant now = clock.instant();
            return begun.stream()
                    .map(timer -> new Span(
                            timer.name,
                            masked(timer.title),
                            timer.start,
                            Optional.ofNullable(timer.end).orElse(now)))
                    .toList();
        }
    }

    /** How long each section was open that has ended, by its name, in the order of their ends. */
    public SequencedMap<String, Duration> took() {
        synchronized (this) {
            SequencedMap<String, Duration> took = new LinkedHashMap<>();
            for (Timer timer : ended) {
                took.merge(timer.name, Duration.between(timer.start, timer.end), Duration::plus);
            }
            return took;
        }
    }

    public void fact(String text) {
        line("  " + text);
    }

    public void success(String text) {
        line(GREEN + text + RESET);
    }

    public void warning(String text) {
        line(YELLOW + text + RESET);
    }

    /** Prints text of several lines, the first of them red. */
    public void failure(String block) {
        String text = block.stripTrailing();
        int end = text.indexOf('\n');
        line(end < 0 ? RED + text + RESET : RED + text.substring(0, end) + RESET + text.substring(end));
    }

    /** What a script left of colours, or of a line without an end, must not change how our lines look. */
    public void afterForeignOutput(boolean midLine) {
        synchronized (this) {
            out.print(midLine ? RESET + "\n" : RESET);
        }
    }

    /** Ends sections that somebody else has opened. */
    public void endSections(Iterable<String> names) {
        names.forEach(name -> marker("section_end", name, ""));
    }

    public void line(String text) {
        synchronized (this) {
            out.print(text + "\n");
            out.flush();
        }
    }

    /** Whether a line could not be passed on: nobody reads the log any more. */
    public boolean isLost() {
        return out.checkError();
    }

    private void marker(String kind, String name, String title) {
        if (!foldable) {
            if (!title.isEmpty()) {
                line(title);
            }
            return;
        }
        String text = "%s:%d:%s%s".formatted(kind, clock.instant().getEpochSecond(), name, ERASE_LINE);
        line(title.isEmpty() ? text : text + title);
    }

    private static final class Timer {
        private final String name;
        private final String title;
        private final Instant start;
        private @Nullable Instant end;

        Timer(String name, String title, Instant start) {
            this.name = name;
            this.title = title;
            this.start = start;
        }
    }

    /** An open section of the job log. */
    public interface Section extends AutoCloseable {
        @Override
        void close();
    }
}
