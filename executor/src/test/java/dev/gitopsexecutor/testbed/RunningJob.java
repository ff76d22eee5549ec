package dev.gitopsexecutor.testbed;

import dev.gitopsexecutor.testbed.JobResult.Status;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A job on its way through the runner's order of stages. */
public final class RunningJob {
    private static final int ATTEMPTS = 3;

    private final RunnerHarness.Settings settings;
    private final RunnerJob job;
    private final LogText log;
    private final LogText runnerLog = new LogText(OutputStream.nullOutputStream());
    private final List<StageResult> stages = new ArrayList<>();
    private final CompletableFuture<JobResult> result = new CompletableFuture<>();
    private volatile @Nullable RunnerAttempt attempt;
    private final CountDownLatch canceled = new CountDownLatch(1);
    private volatile @Nullable Status stepsEndAs;

    private RunningJob(RunnerHarness.Settings settings, RunnerJob job, LogText log) {
        this.settings = settings;
        this.job = job;
        this.log = log;
    }

    static RunningJob start(RunnerHarness.Settings settings, RunnerJob job, LogText log) {
        RunningJob running = new RunningJob(settings, job, log);
        Thread.ofVirtual().name("runner").start(running::drive);
        return running;
    }

    public LogText log() {
        return log;
    }

    /** As when somebody forces the end of the job in GitLab: SIGTERM to the running process, no further stage, cleanup. */
    public void cancel() throws InterruptedException {
        canceled.countDown();
        RunnerAttempt current = attempt;
        if (current != null) {
            current.terminate();
        }
    }

    /**
     * Cancels as soon as the log fits.
     *
     * @throws TestbedException when it never does
     */
    public void cancelWhen(Predicate<String> fits) throws InterruptedException {
        log.awaitOrThrow(fits);
        cancel();
    }

    /**
     * SIGTERM to the script as soon as the log fits, as when somebody cancels the job in GitLab or RUNNER_SCRIPT_TIMEOUT
     * is over: what follows the steps runs on.
     *
     * @param as the job's status from then on
     */
    public void endStepsWhen(Predicate<String> fits, Status as) throws InterruptedException {
        log.awaitOrThrow(fits);
        stepsEndAs = as;
        RunnerAttempt current = attempt;
        if (current != null) {
            current.terminate();
        }
    }

    /** SIGKILL to the running process; the runner goes on as after any failure. */
    public void kill() {
        RunnerAttempt current = attempt;
        if (current != null) {
            current.kill();
        }
    }

    /**
     * SIGSTOP to the running process as soon as the log fits.
     *
     * @throws TestbedException when it never does
     */
    public void pauseWhen(Predicate<String> fits) throws InterruptedException {
        log.awaitOrThrow(fits);
        RunnerAttempt current = attempt;
        if (current != null) {
            current.pause();
        }
    }

    /** Ends a pause. */
    public void resume() {
        RunnerAttempt current = attempt;
        if (current != null) {
            current.resume();
        }
    }

    /** Blocks until the job ended and was cleaned up. */
    public JobResult result() throws InterruptedException {
        try {
            return result.get();
        } catch (ExecutionException failure) {
            throw new TestbedException("the runner harness failed; the log:\n" + log.text(), failure);
        }
    }

    private void drive() {
        try {
            Status status = prepareAndRun();
            log.line(
                    switch (status) {
                        case SUCCESS -> "\u001b[32;1mJob succeeded\u001b[0;m";
                        case SCRIPT_FAILURE ->
                            "\u001b[31;1mERROR: Job failed: exit status " + lastCode() + "\u001b[0;m";
                        case SYSTEM_FAILURE ->
                            "\u001b[31;1mERROR: Job failed (system failure): exit status " + lastCode() + "\u001b[0;m";
                        case CANCELED -> "\u001b[31;1mERROR: Job failed: canceled\u001b[0;m";
                        case TIMED_OUT -> "\u001b[31;1mERROR: Job failed: execution took longer than allowed\u001b[0;m";
                    });
            result.complete(new JobResult(status, stages, log.text(), runnerLog.text()));
        } catch (IOException | InterruptedException | RuntimeException failure) {
            result.completeExceptionally(failure);
        } finally {
            log.close();
        }
    }

    private String lastCode() {
        return stages.reversed().stream()
                .filter(stage -> !stage.name().equals("cleanup") && !stage.succeeded())
                .findFirst()
                .map(stage -> stage.buildExitCode().isEmpty() ? "" + stage.exitCode() : stage.buildExitCode())
                .orElse("?");
    }

    private Status prepareAndRun() throws IOException, InterruptedException {
        log.line("Running with gitlab-runner 17.0.0 (testbed)");
        for (int number = 1; ; number++) {
            RunnerAttempt current = new RunnerAttempt(settings, job, log, runnerLog);
            attempt = current;
            log.line(
                    "section_start:0:prepare_executor\r\u001b[0K\u001b[36;1mPreparing the \"custom\" executor\u001b[0;m");
            Status status = prepare(current);
            log.line("section_end:0:prepare_executor\r\u001b[0K");
            if (status == Status.SUCCESS) {
                status = runStages(current);
                clean(current);
                return isCanceled() ? Status.CANCELED : status;
            }
            clean(current);
            if (status == Status.SCRIPT_FAILURE || isCanceled() || number == ATTEMPTS) {
                return isCanceled() ? Status.CANCELED : status;
            }
            log.line("Preparation failed: exit status " + lastCode());
            log.line("Will be retried in " + settings.retryDelay().toSeconds() + "s ...");
            canceled.await(settings.retryDelay().toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private boolean isCanceled() {
        return canceled.getCount() == 0;
    }

    private Status prepare(RunnerAttempt current) throws IOException, InterruptedException {
        Status status = status(current.config());
        return status == Status.SUCCESS && !isCanceled() ? status(current.prepare()) : status;
    }

    private Status runStages(RunnerAttempt current) throws IOException, InterruptedException {
        Status status = runStage(current, "prepare_script");
        if (status != Status.SUCCESS) {
            return status;
        }
        status = sources(current);
        if (status == Status.SUCCESS) {
            status = steps(current);
            current.stepsEnded(status);
            runStage(current, "after_script");
        }
        boolean green = status == Status.SUCCESS;
        List<Status> all = List.of(
                status,
                runStage(current, green ? "archive_cache" : "archive_cache_on_failure"),
                runStage(current, green ? "upload_artifacts_on_success" : "upload_artifacts_on_failure"));
        runStage(current, "cleanup_file_variables");
        return firstFailure(all);
    }

    private Status sources(RunnerAttempt current) throws IOException, InterruptedException {
        Status status = runStage(current, "get_sources");
        for (int number = 1; number < sourcesAttempts() && status != Status.SUCCESS; number++) {
            canceled.await(settings.retryDelay().toMillis(), TimeUnit.MILLISECONDS);
            if (number == 1) {
                runStage(current, "clear_worktree");
            }
            status = runStage(current, "get_sources");
        }
        return status == Status.SUCCESS ? runStage(current, "restore_cache") : status;
    }

    private int sourcesAttempts() {
        return job.variables().stream()
                .filter(variable -> variable.key().equals("GET_SOURCES_ATTEMPTS"))
                .mapToInt(variable -> Integer.parseInt(variable.value()))
                .findFirst()
                .orElse(1);
    }

    private Status steps(RunnerAttempt current) throws IOException, InterruptedException {
        Status status = runStage(current, "build_script");
        Status ended = stepsEndAs;
        if (status == Status.SUCCESS && ended == null) {
            status = runStage(current, "step_release");
            ended = stepsEndAs;
        }
        return ended == null ? status : ended;
    }

    private static Status firstFailure(List<Status> all) {
        return all.stream()
                .filter(status -> status != Status.SUCCESS)
                .findFirst()
                .orElse(Status.SUCCESS);
    }

    private Status runStage(RunnerAttempt current, String stage) throws IOException, InterruptedException {
        return isCanceled()
                ? Status.CANCELED
                : current.stage(stage).map(RunningJob::status).orElse(Status.SUCCESS);
    }

    private void clean(RunnerAttempt current) throws IOException, InterruptedException {
        StageResult cleanup = current.cleanup();
        if (!cleanup.succeeded()) {
            log.line("\u001b[0;33mWARNING: Cleanup script failed: exit status " + cleanup.exitCode() + "\u001b[0;m");
        }
        stages.addAll(current.stages());
        current.remove();
    }

    private static Status status(StageResult stage) {
        return switch (stage.exitCode()) {
            case 0 -> Status.SUCCESS;
            case StageResult.BUILD_FAILURE -> Status.SCRIPT_FAILURE;
            default -> Status.SYSTEM_FAILURE;
        };
    }
}
