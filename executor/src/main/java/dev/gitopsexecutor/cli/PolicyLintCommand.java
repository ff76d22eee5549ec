package dev.gitopsexecutor.cli;

import dev.gitopsexecutor.config.PolicyFile;
import dev.gitopsexecutor.policy.PolicyLint;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code policy lint}: reads the policy and says what it allows that hardly anybody means. */
@Command(
        name = "lint",
        description = {
            "Reads the policy, prints every problem with its line, and what it allows that hardly anybody means.",
            "Ends with 1 when there is something to say, with 2 when the file cannot be used."
        },
        mixinStandardHelpOptions = true)
final class PolicyLintCommand implements Callable<Integer> {
    private static final int FOUND = 1;

    @Mixin
    private final PolicyOption policy = new PolicyOption();

    @Mixin
    private final Console console = new Console();

    @Override
    public Integer call() {
        PrintWriter out = console.out();
        Path file = policy.file();
        List<PolicyLint.Remark> remarks = PolicyLint.of(PolicyFile.review(file).policy());
        remarks.forEach(remark -> out.printf("%s: %s: %s%n", file, remark.path(), remark.sentence()));
        if (remarks.isEmpty()) {
            out.printf("%s: nothing to say%n", file);
        }
        return remarks.isEmpty() ? 0 : FOUND;
    }
}
