package dev.gitopsexecutor.cli;

import static java.util.Objects.requireNonNull;

import dev.gitopsexecutor.config.DeploySpecFile;
import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.config.PolicyFile;
import dev.gitopsexecutor.deploy.DeploySpec;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.model.CommitSha;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
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
    private static final int FAILED = 2;

    /** Stands in for a job's commit, which only fills placeholders of image tags. */
    private static final CommitSha ANY_COMMIT = new CommitSha("0".repeat(40));

    @Mixin
    private final ConfigOption config = new ConfigOption();

    @Option(names = "--deploy", paramLabel = "FILE", description = "Check this deploy.yaml alone; needs no other file.")
    private @Nullable Path deploy;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        Path alone = deploy;
        boolean sound = alone != null ? isSound(() -> deploySpec(alone)) : areConfigurationsSound();
        return sound ? 0 : FAILED;
    }

    private boolean areConfigurationsSound() {
        boolean executor = isSound(this::executorConfig);
        Optional<Path> policyFile = ExecutorConfig.policyFile(config.file());
        if (policyFile.isEmpty()) {
            console()
                    .getErr()
                    .println("policy.yaml: not checked, since nobody can tell from %s where it is"
                            .formatted(config.file()));
            return false;
        }
        // Both are read whatever is wrong with the first, so that their owners correct them in one go.
        return isSound(() -> policy(policyFile.get())) && executor;
    }

    private String executorConfig() {
        ExecutorConfig executor = config.read();
        return "%s: GitLab %s, Vault %s"
                .formatted(config.file(), executor.gitlab(), executor.vault().address());
    }

    private static String policy(Path file) {
        PolicyFile policy = PolicyFile.read(file);
        return "%s: %d environments, policy %s"
                .formatted(file, policy.policy().environments().size(), policy.shortHash());
    }

    private static String deploySpec(Path file) {
        DeploySpec spec = DeploySpecFile.read(file, ANY_COMMIT);
        return "%s: %d services, %d environments"
                .formatted(file, spec.services().size(), spec.environments().size());
    }

    /** Prints what a file says in short, or its problems. */
    private boolean isSound(Supplier<String> summary) {
        try {
            console().getOut().println(summary.get());
            return true;
        } catch (ExecutorException unsound) {
            console().getErr().print(unsound.failure().block());
            console().getErr().flush();
            return false;
        }
    }

    private CommandLine console() {
        return requireNonNull(spec).commandLine();
    }
}
