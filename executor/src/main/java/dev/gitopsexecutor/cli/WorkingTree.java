package dev.gitopsexecutor.cli;

import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.config.PolicyFile;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.failure.Shown;
import dev.gitopsexecutor.job.Invocation;
import dev.gitopsexecutor.job.ReleasePreview;
import dev.gitopsexecutor.model.CommitSha;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What says which release is meant, and for what environment. */
final class WorkingTree {
    @Mixin
    private final ConfigOption config = new ConfigOption();

    @Parameters(paramLabel = "ENVIRONMENT", description = "As the policy names it.")
    private String environment = "";

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

    /** Reads the configuration and the policy; throws {@code USAGE} for what makes no sense on the command line. */
    ReleasePreview preview(String tried, Invocation invocation) {
        ExecutorConfig executor = config.read();
        PolicyFile policy = PolicyFile.read(executor.policyFile());
        return new ReleasePreview(
                tried,
                executor,
                Environments.named(environment, policy, tried),
                repository,
                commit(tried),
                Environments.operator(invocation.environment()),
                invocation);
    }

    private CommitSha commit(String tried) {
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
