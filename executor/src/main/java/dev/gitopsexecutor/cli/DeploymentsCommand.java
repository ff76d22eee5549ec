package dev.gitopsexecutor.cli;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.failure.Shown;
import dev.gitopsexecutor.ledger.DeploymentRecord;
import dev.gitopsexecutor.ledger.Ledger;
import dev.gitopsexecutor.model.EnvironmentName;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code deployments}: what this machine deployed to an environment, the newest first. */
@Command(
        name = "deployments",
        description = "Prints what this machine deployed to an environment, the newest first.",
        mixinStandardHelpOptions = true)
final class DeploymentsCommand implements Callable<Integer> {
    private static final String ROW = "%-20s  %-24s  %-8s  %-9s  %-9s  %s%n";

    @Mixin
    private final ConfigOption config = new ConfigOption();

    @Parameters(paramLabel = "ENVIRONMENT", description = "For example staging.")
    private String environment = "";

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "10",
            description = "At most N (default: ${DEFAULT-VALUE}).")
    private int limit = 10;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        if (spec == null) {
            throw new IllegalStateException("picocli set no spec");
        }
        EnvironmentName name = environment();
        if (limit < 1) {
            throw usage("--limit " + limit, "it is less than 1", "Write how many deployments to print.");
        }
        PrintWriter out = spec.commandLine().getOut();
        try (Ledger ledger = Ledger.open(config.read().stateDir().resolve("ledger.db"))) {
            out.printf(Locale.ROOT, ROW, "FINISHED", "OUTCOME", "COMMIT", "PIPELINE", "JOB", "HOSTS");
            for (DeploymentRecord row : ledger.recent(name, limit)) {
                out.printf(
                        Locale.ROOT,
                        ROW,
                        row.finished().toString().substring(0, 19) + "Z",
                        row.outcome(),
                        row.origin().sha().abbreviated(),
                        row.origin().pipeline(),
                        row.origin().job(),
                        String.join(
                                ", ", row.hosts().stream().map(Object::toString).toList()));
            }
        }
        return 0;
    }

    private EnvironmentName environment() {
        try {
            return new EnvironmentName(environment);
        } catch (IllegalArgumentException refused) {
            throw usage(
                    "ENVIRONMENT " + Shown.plain(environment),
                    String.valueOf(refused.getMessage()),
                    "Write the environment's name as policy.yaml has it.");
        }
    }

    private static ExecutorException usage(String on, String saw, String next) {
        return new ExecutorException(new Failure(FailureCode.USAGE, "print deployments", on, saw, next));
    }
}
