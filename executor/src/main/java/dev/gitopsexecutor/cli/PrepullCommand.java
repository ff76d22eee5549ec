package dev.gitopsexecutor.cli;

import dev.gitopsexecutor.job.Invocation;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

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
    private final WorkingTree tree = new WorkingTree();

    PrepullCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws InterruptedException {
        return tree.preview(TRIED, invocation).pull();
    }
}
