package dev.gitopsexecutor.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.failure.Shown;
import dev.gitopsexecutor.job.Invocation;
import dev.gitopsexecutor.job.Version;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.util.List;
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
        subcommands = {CheckCommand.class, DeploymentsCommand.class, AuditCommand.class})
public final class Cli {
    private static final int FAILED = 2;

    private Cli() {}

    /** Returns 2 after a failure was printed to stderr; otherwise 0, or 1 or 3 from a command that says no. */
    public static int run(Invocation invocation) {
        PrintWriter out = new PrintWriter(new OutputStreamWriter(invocation.out(), UTF_8), true);
        PrintWriter err = new PrintWriter(new OutputStreamWriter(invocation.err(), UTF_8), true);
        CommandLine commandLine = new CommandLine(new Cli())
                .addSubcommand(new ReapCommand(invocation.clock()))
                .addSubcommand(new BreakGlassCommand(invocation))
                .addSubcommand(new DoctorCommand(invocation))
                .addSubcommand(new PlanCommand(invocation))
                .addSubcommand(new PrepullCommand(invocation))
                .addSubcommand(new NotifyCommand(invocation))
                .addSubcommand(new CommandLine(new SecretsCommand(invocation.clock()))
                        .addSubcommand(new SecretsRotateCommand(invocation)))
                .addSubcommand(new CommandLine(new PolicyCommand())
                        .addSubcommand(new PolicyExplainCommand(invocation.clock())))
                .setOut(out)
                .setErr(err)
                // Arguments are data: "@file" is no request to read a file.
                .setExpandAtFiles(false)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((failure, _, _) -> failed(failure, invocation, err));
        if (invocation.arguments().isEmpty()) {
            commandLine.usage(err);
            return FAILED;
        }
        try {
            int code = commandLine.execute(invocation.arguments().toArray(String[]::new));
            return code == 0 && out.checkError() ? failed(outputLost(invocation), invocation, err) : code;
        } catch (Throwable bug) {
            // picocli hands exceptions to its handler, errors it does not.
            return failed(bug, invocation, err);
        }
    }

    /** Whether this command changes what runs on hosts: a signal is then a wish to end, which it heeds when that is safe. */
    public static boolean finishesWhatItBegan(List<String> arguments) {
        return arguments.size() > 1
                && arguments.get(0).equals("secrets")
                && arguments.subList(1, arguments.size()).contains("rotate");
    }

    private static int failed(Throwable cause, Invocation invocation, PrintWriter err) {
        Failure failure = cause instanceof ExecutorException known
                ? known.failure()
                : Failure.internal("finish the command", shown(invocation), cause);
        err.print(failure.block());
        err.flush();
        return FAILED;
    }

    private static ExecutorException outputLost(Invocation invocation) {
        return new ExecutorException(new Failure(
                FailureCode.OUTPUT_LOST,
                "print the result",
                shown(invocation),
                "stdout takes no more",
                "Send it to where there is room and somebody reads."));
    }

    private static String shown(Invocation invocation) {
        return Shown.plain(String.join(" ", invocation.arguments()));
    }

    static final class VersionProvider implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"gitops-executor " + Version.current()};
        }
    }
}
