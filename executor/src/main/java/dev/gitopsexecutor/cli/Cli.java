package dev.gitopsexecutor.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.job.Invocation;
import dev.gitopsexecutor.job.Version;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The operator's command line; the runner's four entry points do not pass here. */
@Command(
        name = "gitops-executor",
        description =
                "Deploys from GitLab CI jobs. The runner calls config, prepare, run and cleanup (see config.toml.example); the commands below are for people.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        versionProvider = Cli.VersionProvider.class,
        subcommands = {CheckCommand.class, DeploymentsCommand.class})
public final class Cli {
    private static final int FAILED = 2;

    private Cli() {}

    /** Returns 0, or 2 after the failure was printed to stderr. */
    public static int run(Invocation invocation) {
        PrintWriter out = new PrintWriter(new OutputStreamWriter(invocation.out(), UTF_8), true);
        PrintWriter err = new PrintWriter(new OutputStreamWriter(invocation.err(), UTF_8), true);
        CommandLine commandLine = new CommandLine(new Cli())
                .setOut(out)
                .setErr(err)
                // Arguments are data: "@file" is no request to read a file.
                .setExpandAtFiles(false)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((failure, _, _) -> {
                    if (failure instanceof ExecutorException known) {
                        err.print(known.failure().block());
                        err.flush();
                        return FAILED;
                    }
                    throw failure;
                });
        if (invocation.arguments().isEmpty()) {
            commandLine.usage(err);
            return FAILED;
        }
        return commandLine.execute(invocation.arguments().toArray(String[]::new));
    }

    static final class VersionProvider implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"gitops-executor " + Version.current()};
        }
    }
}
