package dev.gitopsexecutor;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gitopsexecutor.cli.Cli;
import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.job.Invocation;
import dev.gitopsexecutor.job.Stages;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Maps arguments, environment, streams and signals to an exit code; the only class that touches {@code System}. */
public final class Main {
    /** Below the {@code graceful_kill_timeout} that config.toml.example asks for, after which the runner kills. */
    private static final long CANCEL_SECONDS = 230;

    private static final int SYSTEM_FAILURE = 2;

    private Main() {}

    public static void main(String[] arguments) {
        Cancellation cancellation = new Cancellation();
        CompletableFuture<Integer> exit = new CompletableFuture<>();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> endAfterSignal(cancellation, exit), "signal"));
        int code = SYSTEM_FAILURE;
        try {
            code = run(arguments, cancellation);
        } finally {
            exit.complete(code);
        }
        System.exit(code);
    }

    private static int run(String[] arguments, Cancellation cancellation) {
        List<String> given = Arrays.asList(arguments);
        String command = given.isEmpty() ? "" : given.getFirst();
        boolean isStage = Stages.NAMES.contains(command);
        var invocation = new Invocation(
                isStage ? given.subList(1, given.size()) : given,
                System.getenv(),
                stream(FileDescriptor.out),
                stream(FileDescriptor.err),
                Clock.systemUTC(),
                cancellation);
        return isStage ? Stages.run(command, invocation) : Cli.run(invocation);
    }

    /** UTF-8 whatever the locale of the runner's service, and unbuffered: the layers above flush whole lines. */
    private static PrintStream stream(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), false, UTF_8);
    }

    /** On SIGTERM lets the stage come to its own end; the JVM's exit code 143 would mean "unknown" to the runner. */
    private static void endAfterSignal(Cancellation cancellation, CompletableFuture<Integer> exit) {
        if (exit.isDone()) {
            return;
        }
        cancellation.request();
        int code = exit.completeOnTimeout(SYSTEM_FAILURE, CANCEL_SECONDS, TimeUnit.SECONDS)
                .join();
        Runtime.getRuntime().halt(code == 0 ? SYSTEM_FAILURE : code);
    }
}
