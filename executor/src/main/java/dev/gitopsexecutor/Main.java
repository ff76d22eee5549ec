package dev.gitopsexecutor;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gitopsexecutor.cli.Cli;
import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.job.Invocation;
import dev.gitopsexecutor.job.Stages;
import dev.gitopsexecutor.secrets.Masker;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Maps arguments, environment, streams and signals to an exit code; the only class that touches {@code System}. */
public final class Main {
    /** Below the {@code graceful_kill_timeout} that config.toml.example asks for, after which the runner kills. */
    private static final Duration CANCEL_TIME = Duration.ofSeconds(230);

    private static final int SYSTEM_FAILURE = 2;

    private Main() {}

    public static void main(String[] arguments) {
        CompletableFuture<Integer> exit = new CompletableFuture<>();
        OutputStream out = new FileOutputStream(FileDescriptor.out);
        OutputStream err = new FileOutputStream(FileDescriptor.err);
        int code = SYSTEM_FAILURE;
        try {
            Masker masker = new Masker();
            // What a library prints, or the JVM of a thread that an exception ends, passes the masker like all else.
            PrintStream stray = new PrintStream(masker.wrap(err), true, UTF_8);
            System.setOut(stray);
            System.setErr(stray);
            List<String> given = Arrays.asList(arguments);
            String command = given.isEmpty() ? "" : given.getFirst();
            Cancellation cancellation = new Cancellation();
            boolean isStage = Stages.NAMES.contains(command);
            if (isStage || Cli.finishesWhatItBegan(given)) {
                // All other commands change nothing that may not be cut off: they end at once, as Ctrl-C promises.
                Runtime.getRuntime()
                        .addShutdownHook(new Thread(
                                () -> {
                                    OutputStream log = !isStage || Stages.logsToStdout(command) ? out : err;
                                    endAfterSignal(new Termination(cancellation, exit, log, CANCEL_TIME, isStage));
                                },
                                "signal"));
            }
            var invocation = new Invocation(
                    isStage ? given.subList(1, given.size()) : given,
                    System.getenv(),
                    out,
                    err,
                    Clock.systemUTC(),
                    cancellation);
            code = isStage ? Stages.run(command, invocation, masker) : Cli.run(invocation);
        } catch (Throwable escaped) {
            // The JVM's own exit code for it is 1, which would blame the job.
            report(escaped);
        } finally {
            exit.complete(code);
        }
        System.exit(code);
    }

    /** One line, made of as little as possible: a part of this program may be missing or broken. */
    private static void report(Throwable escaped) {
        try {
            String line = "Cannot start or finish: " + escaped.toString().replace('\n', ' ')
                    + ". This is a bug of gitops-executor, or a file of it is missing: install it again. [INTERNAL]\n";
            System.err.print(line);
            System.err.flush();
        } catch (Throwable unprintable) {
            // The exit code still says whose fault it is.
        }
    }

    /** The JVM's exit code 143 for SIGTERM would mean "unknown" to the runner. */
    private static void endAfterSignal(Termination termination) {
        if (!termination.isOver()) {
            Runtime.getRuntime().halt(termination.await());
        }
    }
}
