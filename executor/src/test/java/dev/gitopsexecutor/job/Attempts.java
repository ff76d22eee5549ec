package dev.gitopsexecutor.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.testbed.RunnerAttempt;
import dev.gitopsexecutor.testbed.RunnerHarness;
import dev.gitopsexecutor.testbed.RunnerJob;
import dev.gitopsexecutor.testbed.StageResult;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** How end-to-end tests drive a job stage by stage. */
final class Attempts {
    private Attempts() {}

    /** An attempt that has asked for the driver's configuration. */
    static RunnerAttempt configured(RunnerHarness runner, RunnerJob job) throws IOException, InterruptedException {
        RunnerAttempt attempt = runner.attempt(job);
        assertThat(attempt.config().succeeded()).isTrue();
        return attempt;
    }

    /** An attempt whose containers are there. */
    static RunnerAttempt prepared(RunnerHarness runner, RunnerJob job) throws IOException, InterruptedException {
        RunnerAttempt attempt = runner.attempt(job);
        prepare(attempt);
        return attempt;
    }

    static void prepare(RunnerAttempt attempt) throws IOException, InterruptedException {
        assertThat(attempt.config().succeeded()).isTrue();
        assertThat(attempt.prepare().succeeded()).as(attempt.log()).isTrue();
    }

    interface Act {
        void run() throws Exception;
    }

    /** How the stage ends beside which that is done. */
    static StageResult during(Callable<StageResult> stage, Act act) throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<StageResult> result = threads.submit(stage);
            act.run();
            return result.get();
        }
    }
}
