package dev.gitopsexecutor.cli;

import dev.gitopsexecutor.job.Invocation;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code plan}: what a deploy of a working tree would change on the hosts; touches nothing. */
@Command(
        name = "plan",
        header = "Prints what a deploy would change on the hosts of an environment.",
        description = {
            "Reads .gitops/deploy.yaml, the Compose file and the files that travel with it of a working tree, logs in to the"
                    + " hosts as a deploy does, and compares. Takes no lock, pulls no image and writes no file. Vault is not asked for the values of secrets:"
                    + " only their names are compared. Nor is Compose asked how many replicas it makes of its file.",
            "Ends with 0, with 2 after a failure; with --exit-code with 3 when something would change. A line that says that a"
                    + " deploy would be refused changes none of these: the reason may be gone when it comes."
        },
        mixinStandardHelpOptions = true)
final class PlanCommand implements Callable<Integer> {
    private static final String TRIED = "see what a deploy would change";
    private static final int CHANGED = 3;

    private final Invocation invocation;

    @Mixin
    private final WorkingTree tree = new WorkingTree();

    @Option(names = "--exit-code", description = "End with 3 when a deploy would change something.")
    private boolean exitCode;

    PlanCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws InterruptedException {
        return tree.preview(TRIED, invocation).plan(exitCode ? CHANGED : 0);
    }
}
