package dev.gitopsexecutor.cli;

import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.config.PolicyFile;
import dev.gitopsexecutor.job.Invocation;
import dev.gitopsexecutor.job.ReleasePreview;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code prepull}: pulls the images of a release on all hosts ahead of its deploy. */
@Command(
        name = "prepull",
        header = "Pulls the images of a release on all hosts of an environment, ahead of its deploy.",
        description = {
            "Reads .gitops/deploy.yaml of a working tree and pulls its images on every host: the first host says which digest a"
                    + " tag is, the others get exactly that. Changes nothing else. The registry's credential that the policy names"
                    + " is read with the executor's own identity in Vault.",
            "Ends with 0 when every host has all images, else with 2."
        },
        mixinStandardHelpOptions = true)
final class PrepullCommand implements Callable<Integer> {
    private static final String TRIED = "pull images ahead of a deploy";

    private final Invocation invocation;

    @Mixin
    private final ConfigOption config = new ConfigOption();

    @Mixin
    private final WorkingTree tree = new WorkingTree();

    @Parameters(paramLabel = "ENVIRONMENT", description = "As the policy names it.")
    private String environment = "";

    PrepullCommand(Invocation invocation) {
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
                .pull();
    }
}
