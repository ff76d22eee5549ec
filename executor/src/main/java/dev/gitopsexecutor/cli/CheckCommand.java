package dev.gitopsexecutor.cli;

import dev.gitopsexecutor.config.DeploySpecFile;
import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.config.PolicyFile;
import dev.gitopsexecutor.deploy.DeploySpec;
import dev.gitopsexecutor.model.CommitSha;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code check}: reads the configuration files and prints every problem with its line. */
@Command(
        name = "check",
        description = "Reads executor.yaml and policy.yaml, or a deploy.yaml, and prints every problem with its line.",
        mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {
    /** Stands in for a job's commit, which only fills placeholders of image tags. */
    private static final CommitSha ANY_COMMIT = new CommitSha("0".repeat(40));

    @Mixin
    private final ConfigOption config = new ConfigOption();

    @Option(names = "--deploy", paramLabel = "FILE", description = "Check this deploy.yaml alone; needs no other file.")
    private @Nullable Path deploy;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (deploy != null) {
            DeploySpec read = DeploySpecFile.parse(Files.readAllBytes(deploy), deploy.toString(), ANY_COMMIT);
            print("%s: %d services, %d environments"
                    .formatted(
                            deploy, read.services().size(), read.environments().size()));
            return 0;
        }
        ExecutorConfig executor = config.read();
        print("%s: GitLab %s, Vault %s"
                .formatted(config.file(), executor.gitlab(), executor.vault().address()));
        PolicyFile policy = PolicyFile.read(executor.policyFile());
        print("%s: %d environments, policy %s"
                .formatted(
                        executor.policyFile(),
                        policy.policy().environments().size(),
                        policy.hash().substring(0, 12)));
        return 0;
    }

    private void print(String line) {
        if (spec != null) {
            spec.commandLine().getOut().println(line);
        }
    }
}
