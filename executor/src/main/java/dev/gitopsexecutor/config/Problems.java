package dev.gitopsexecutor.config;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.snakeyaml.engine.v2.exceptions.Mark;

/** Everything that is wrong with one file, so that its owner corrects it in one go. */
final class Problems {
    private static final int MOST_SHOWN = 50;

    private final FailureCode code;
    private final String file;
    private final List<Problem> found = new ArrayList<>();

    Problems(FailureCode code, String file) {
        this.code = code;
        this.file = file;
    }

    /** {@code line} and {@code column} count from 1; 0 for the file as a whole. */
    private record Problem(int line, int column, String path, String sentence) {}

    /** {@code path} leads to the value, such as {@code gitlab.url}; empty for the file as a whole. */
    void add(Optional<Mark> mark, String path, String sentence) {
        found.add(new Problem(
                mark.map(Mark::getLine).orElse(-1) + 1,
                mark.map(Mark::getColumn).orElse(-1) + 1,
                path,
                sentence));
    }

    /** With what follows {@code before}, the beginning of the file. */
    void addAfter(String before, String sentence) {
        int lineStart = before.lastIndexOf('\n') + 1;
        int line =
                1 + (int) before.chars().filter(character -> character == '\n').count();
        found.add(new Problem(line, 1 + before.codePointCount(lineStart, before.length()), "", sentence));
    }

    int count() {
        return found.size();
    }

    /** What {@code complete} makes, unless a problem was added since {@link #count} was {@code before}. */
    <T> Optional<T> ifNoneSince(int before, Supplier<T> complete) {
        return found.size() == before ? Optional.of(complete.get()) : Optional.empty();
    }

    ExecutorException failure() {
        String lines = found.stream()
                .sorted(Comparator.comparingInt(Problem::line).thenComparingInt(Problem::column))
                .limit(MOST_SHOWN)
                .map(this::shown)
                .collect(Collectors.joining("\n"));
        String title = found.size() == 1 ? "1 problem" : found.size() + " problems";
        if (found.size() > MOST_SHOWN) {
            title += ", the first %d of them".formatted(MOST_SHOWN);
        }
        return new ExecutorException(new Failure(
                code,
                "use the configuration",
                file,
                title + ":\n" + lines,
                "Correct the file; `gitops-executor check%s` reads it again."
                        .formatted(code == FailureCode.DEPLOY_SPEC_INVALID ? " --deploy=FILE" : "")));
    }

    private String shown(Problem problem) {
        String place = problem.line() == 0 ? file : "%s:%d:%d".formatted(file, problem.line(), problem.column());
        return problem.path().isEmpty()
                ? "%s: %s".formatted(place, problem.sentence())
                : "%s: %s: %s".formatted(place, problem.path(), problem.sentence());
    }
}
