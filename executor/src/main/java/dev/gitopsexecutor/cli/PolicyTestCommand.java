package dev.gitopsexecutor.cli;

import dev.gitopsexecutor.config.PolicyCasesFile;
import dev.gitopsexecutor.config.PolicyFile;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.policy.PolicyCase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code policy test}: whether the policy says what its owner expects of each case in a directory. */
@Command(
        name = "test",
        description = {
            "Decides each case in the directory's *.yaml files and compares with what the case expects.",
            "Ends with 1 when one differs, with 2 when a file cannot be used."
        },
        mixinStandardHelpOptions = true)
final class PolicyTestCommand implements Callable<Integer> {
    private static final int DIFFERS = 1;

    @Mixin
    private final PolicyOption policy = new PolicyOption();

    @Parameters(paramLabel = "DIR", description = "Holds the case files.")
    private Path directory = Path.of(".");

    @Mixin
    private final Console console = new Console();

    @Override
    public Integer call() {
        Path path = policy.file();
        PolicyFile file = PolicyFile.review(path);
        List<Boolean> kept = new ArrayList<>();
        for (Path cases : caseFiles()) {
            console.out().println(cases);
            PolicyCasesFile.read(cases).forEach(one -> kept.add(isKept(file, one)));
        }
        if (kept.isEmpty()) {
            throw unusable("there is no *.yaml file in it", null);
        }
        int failed = Collections.frequency(kept, false);
        console.out().printf("%d cases, %d failed; policy %s, %s%n", kept.size(), failed, path, file.shortHash());
        return failed == 0 ? 0 : DIFFERS;
    }

    private boolean isKept(PolicyFile file, PolicyCase one) {
        Optional<String> failure = one.failure(file.policy());
        console.out()
                .println(failure.map(text -> "  FAIL  %s: %s".formatted(one.name(), text))
                        .orElse("  ok    " + one.name()));
        return failure.isEmpty();
    }

    private List<Path> caseFiles() {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".yaml"))
                    .sorted()
                    .toList();
        } catch (IOException failure) {
            throw unusable("it is no directory, or cannot be read", failure);
        }
    }

    private ExecutorException unusable(String saw, @Nullable IOException cause) {
        return new ExecutorException(
                new Failure(
                        FailureCode.USAGE,
                        "test the policy",
                        directory.toString(),
                        saw,
                        "Name a directory with case files; docs/operations.md shows one."),
                cause);
    }
}
