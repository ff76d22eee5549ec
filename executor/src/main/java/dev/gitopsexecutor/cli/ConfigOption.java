package dev.gitopsexecutor.cli;

import dev.gitopsexecutor.config.ExecutorConfig;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The option that every command has. */
final class ConfigOption {
    @Option(
            names = "--config",
            paramLabel = "FILE",
            defaultValue = "/etc/gitops-executor/executor.yaml",
            description = "This machine's configuration (default: ${DEFAULT-VALUE}).")
    private Path file = Path.of("/etc/gitops-executor/executor.yaml");

    Path file() {
        return file;
    }

    ExecutorConfig read() {
        return ExecutorConfig.read(file);
    }
}
