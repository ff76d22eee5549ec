package dev.gitopsexecutor;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.Cancellation;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** What SIGTERM does: lets the stage come to its own end, and says so when there is no more time for that. */
final class Termination {
    private static final int SYSTEM_FAILURE = 2;
    private static final Duration PRINTING = Duration.ofSeconds(2);

    private final Cancellation cancellation;
    private final CompletableFuture<Integer> exit;
    private final OutputStream log;
    private final Duration patience;
    private final boolean isStage;

    /**
     * {@code exit} is completed by its own end.
     *
     * @param isStage whether a runner waits, for whom a canceled job is never green
     */
    Termination(
            Cancellation cancellation,
            CompletableFuture<Integer> exit,
            OutputStream log,
            Duration patience,
            boolean isStage) {
        this.cancellation = cancellation;
        this.exit = exit;
        this.log = log;
        this.patience = patience;
        this.isStage = isStage;
    }

    boolean isOver() {
        return exit.isDone();
    }

    /** Blocks for a little more than {@code patience} at most; returns the code to end the process with, for a runner never 0. */
    int await() {
        cancellation.request();
        CompletableFuture<Boolean> ended = exit.thenApply(_ -> true);
        boolean inTime = ended.completeOnTimeout(false, patience.toMillis(), TimeUnit.MILLISECONDS)
                .join();
        if (!inTime) {
            print();
        }
        int code = exit.getNow(SYSTEM_FAILURE);
        return code == 0 && isStage ? SYSTEM_FAILURE : code;
    }

    /** On a thread of its own: that nobody reads the log may be why the stage does not end. */
    private void print() {
        CompletableFuture<Void> printed = new CompletableFuture<>();
        Thread.ofPlatform().daemon().start(() -> {
            try {
                log.write(tooLate().block().getBytes(UTF_8));
                log.flush();
            } catch (IOException lost) {
                // The exit code says the rest.
            } finally {
                printed.complete(null);
            }
        });
        printed.completeOnTimeout(null, PRINTING.toMillis(), TimeUnit.MILLISECONDS)
                .join();
    }

    private Failure tooLate() {
        return new Failure(
                FailureCode.CANCELED,
                "end the canceled job in time",
                "this stage of the job",
                """
                the time to end is over, %d s after SIGTERM; what still runs is cut off here
                if this was a deploy, a host without an "is back and proven" line above may be in between two releases\
                """.formatted(patience.toSeconds()),
                (isStage ? "" : "See with `gitops-executor secrets` whether Vault has a newer value than the hosts. ")
                        + "Look at each such host, as \"Put the previous release back by hand\" in docs/operations.md says.");
    }
}
