package dev.gitopsexecutor.cli;

import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.config.PolicyFile;
import dev.gitopsexecutor.job.Invocation;
import dev.gitopsexecutor.job.ReleasePreview;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code plan}: what a deploy of a working tree would change on the hosts; touches nothing. */
@Command(
        name = "plan",
        header = "Prints what a deploy would change on the hosts of an environment.",
        description = {
            "Reads .gitops/deploy.yaml and the Compose file of a working tree, logs in to the hosts as a deploy does, and"
                    + " compares. Takes no lock, pulls no image and writes no file. Vault is not asked for the values of secrets:"
                    + " only their names are compared.",
            "Ends with 0, with 2 after a failure; with --exit-code with 3 when something would change."
        },
        mixinStandardHelpOptions = true)
final class PlanCommand implements Callable<Integer> {
    private static final String TRIED = "see what a deploy would change";
    private static final int CHANGED = 3;

    private final Invocation invocation;

    @Mixin
    private final ConfigOption config = new ConfigOption();

    @Mixin
    private final WorkingTree tree = new WorkingTree();

    @Parameters(paramLabel = "ENVIRONMENT", description = "As the policy names it.")
    private String environment = "";

    @Option(names = "--exit-code", description = "End with 3 when a deploy would change something.")
    private boolean exitCode;

    PlanCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws InterruptedException {
        ExecutorConfig executor = config.read();
        PolicyFile policy = PolicyFile.read(executor.policyFile());
        return new ReleasePreview(
                        executor,
                        Environments.named(environment, policy, TRIED),
                        tree.repository(),
                        tree.commit(TRIED),
                        Environments.operator(invocation.environment()),
                        invocation)
                .plan(exitCode ? CHANGED : 0);
    }
}
