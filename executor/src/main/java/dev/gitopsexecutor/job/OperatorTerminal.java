package dev.gitopsexecutor.job;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.secrets.Masker;
import java.io.IOException;
import java.io.OutputStream;

/** Where a command shows a person what it does; what is printed there is masked, failures too. */
final class OperatorTerminal {
    private static final int FAILED = 2;

    private final Masker masker = new Masker();
    private final OutputStream out;
    private final JobLog log;

    OperatorTerminal(Invocation invocation) {
        this.out = masker.wrap(invocation.out());
        this.log = JobLog.onTerminal(out, masker::mask, invocation.clock());
    }

    /** Knows what is masked. */
    Masker masker() {
        return masker;
    }

    JobLog log() {
        return log;
    }

    /** Returns the exit code. */
    interface Work {
        int run() throws InterruptedException;
    }

    /**
     * Blocks; prints what {@code work} throws, and ends the output.
     *
     * @param tried as failures name it
     * @param on the same
     * @return the exit code: that of {@code work}, or 2 after a failure
     */
    int show(String tried, String on, Work work) throws InterruptedException {
        try (out) {
            try {
                return work.run();
            } catch (ExecutorException failed) {
                log.failure(failed.failure().block());
            } catch (RuntimeException bug) {
                log.failure(Failure.internal(tried, on, bug).block());
            }
        } catch (IOException lost) {
            // Nobody reads any more what was held back.
        }
        return FAILED;
    }
}
