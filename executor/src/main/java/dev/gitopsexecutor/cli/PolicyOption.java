package dev.gitopsexecutor.cli;

import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which policy a command looks at: a file that is being written, or the one in force. */
final class PolicyOption {
    @Mixin
    private final ConfigOption config = new ConfigOption();

    @Option(
            names = "--policy",
            paramLabel = "FILE",
            description = "The policy to look at (default: the one that the configuration names).")
    private @Nullable Path file;

    ExecutorConfig config() {
        return config.read();
    }

    /** Reads the configuration when the policy is not named itself. */
    Path file() {
        return file != null ? file : ExecutorConfig.policyFile(config.file()).orElseThrow(this::unknown);
    }

    private ExecutorException unknown() {
        return new ExecutorException(new Failure(
                FailureCode.USAGE,
                "find the policy",
                config.file().toString(),
                "nobody can tell from it where the policy is",
                "Name the policy with --policy=FILE."));
    }
}
