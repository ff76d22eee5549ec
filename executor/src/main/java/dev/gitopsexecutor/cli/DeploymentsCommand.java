package dev.gitopsexecutor.cli;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.failure.Shown;
import dev.gitopsexecutor.io.TextTable;
import dev.gitopsexecutor.ledger.DeploymentRecord;
import dev.gitopsexecutor.ledger.Ledger;
import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.model.HostName;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code deployments}: what this machine deployed to an environment, the newest first. */
@Command(
        name = "deployments",
        description = "Prints what this machine deployed to an environment, the newest first.",
        mixinStandardHelpOptions = true)
final class DeploymentsCommand implements Callable<Integer> {
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

    @Mixin
    private final Console console = new Console();

    @Override
    public Integer call() {
        EnvironmentName name = environment();
        if (limit < 1) {
            throw usage("--limit " + limit, "it is less than 1", "Write how many deployments to print.");
        }
        try (Ledger ledger = Ledger.open(Ledger.in(config.read().stateDir()))) {
            List<List<String>> rows = ledger.recent(name, limit).stream()
                    .map(DeploymentsCommand::row)
                    .toList();
            TextTable.lines(List.of("FINISHED", "OUTCOME", "KIND", "COMMIT", "PIPELINE", "JOB", "HOSTS"), rows)
                    .forEach(console.out()::println);
        }
        return 0;
    }

    private static List<String> row(DeploymentRecord deployment) {
        return List.of(
                deployment.finished().truncatedTo(ChronoUnit.SECONDS).toString(),
                deployment.outcome(),
                deployment.kind().name().toLowerCase(Locale.ROOT),
                deployment.origin().sha().abbreviated(),
                Long.toString(deployment.origin().pipeline()),
                deployment.origin().job().toString(),
                deployment.hosts().stream().map(HostName::value).collect(Collectors.joining(", ")));
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
