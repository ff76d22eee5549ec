package dev.gitopsexecutor.cli;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.failure.Shown;
import dev.gitopsexecutor.model.CommitSha;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The options that say which release is meant. */
final class WorkingTree {
    @Option(
            names = "--repository",
            paramLabel = "DIR",
            defaultValue = ".",
            description = "Working tree with .gitops/deploy.yaml, read as it lies there (default: ${DEFAULT-VALUE}).")
    private Path repository = Path.of(".");

    @Option(
            names = "--commit",
            paramLabel = "SHA",
            required = true,
            description =
                    "Full commit hash for {commit} and {commit_short} in image tags, such as $(git rev-parse HEAD).")
    private String commit = "";

    Path repository() {
        return repository;
    }

    CommitSha commit(String tried) {
        try {
            return new CommitSha(commit);
        } catch (IllegalArgumentException refused) {
            throw new ExecutorException(
                    new Failure(
                            FailureCode.USAGE,
                            tried,
                            "--commit " + Shown.plain(commit),
                            String.valueOf(refused.getMessage()),
                            "Write all digits of it: git rev-parse HEAD"),
                    refused);
        }
    }
}
