package dev.gitopsexecutor.testbed;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** Drives the launcher exactly as GitLab Runner's custom executor does. */
public final class RunnerHarness {
    private final Settings settings;

    public RunnerHarness(Settings settings) {
        this.settings = settings;
    }

    /**
     * How the runner is set up.
     *
     * @param world keeps temporary directories and the names of processes
     * @param serverUrl CI_SERVER_URL
     * @param environment of the runner's own process, which every process inherits
     * @param shape of the scripts
     * @param exitCodeFile whether it names BUILD_EXIT_CODE_FILE, as runners do from 17.9 on
     * @param retryDelay between the attempts of what failed
     * @param grace from SIGTERM to SIGKILL
     */
    public record Settings(
            Path launcher,
            Path executorYaml,
            WorldDirectory world,
            String serverUrl,
            Map<String, String> environment,
            RunnerScript.Shape shape,
            boolean exitCodeFile,
            Duration retryDelay,
            Duration grace) {
        public Settings {
            environment = Map.copyOf(environment);
        }

        static Settings of(Path launcher, Path executorYaml, WorldDirectory world, String serverUrl) {
            return new Settings(
                    launcher,
                    executorYaml,
                    world,
                    serverUrl,
                    Map.of("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME", "/root"),
                    RunnerScript.Shape.PIPED,
                    true,
                    Duration.ofSeconds(3),
                    Duration.ofSeconds(60));
        }
    }

    public RunnerHarness withoutExitCodeFile() {
        return with(settings.shape, false, settings.retryDelay);
    }

    public RunnerHarness withRetryDelay(Duration delay) {
        return with(settings.shape, settings.exitCodeFile, delay);
    }

    /** Scripts are of the shape that runners write from 19.1 on. */
    public RunnerHarness withTrappedScripts() {
        return with(RunnerScript.Shape.TRAPPED, settings.exitCodeFile, settings.retryDelay);
    }

    private RunnerHarness with(RunnerScript.Shape shape, boolean exitCodeFile, Duration retryDelay) {
        return new RunnerHarness(new Settings(
                settings.launcher,
                settings.executorYaml,
                settings.world,
                settings.serverUrl,
                settings.environment,
                shape,
                exitCodeFile,
                retryDelay,
                settings.grace));
    }

    /** Blocks until the job ended and was cleaned up. */
    public JobResult run(RunnerJob job) throws InterruptedException {
        return start(job).result();
    }

    /** As {@link #run(RunnerJob)}, with a copy of the job's log as it comes. */
    public JobResult run(RunnerJob job, OutputStream copy) throws InterruptedException {
        return start(job, copy).result();
    }

    /** Returns at once. */
    public RunningJob start(RunnerJob job) {
        return start(job, OutputStream.nullOutputStream());
    }

    private RunningJob start(RunnerJob job, OutputStream copy) {
        return RunningJob.start(settings, job, new LogText(copy));
    }

    /** For tests that start the single processes themselves, to leave some out or kill them. */
    public RunnerAttempt attempt(RunnerJob job) throws IOException {
        return new RunnerAttempt(
                settings,
                job,
                new LogText(OutputStream.nullOutputStream()),
                new LogText(OutputStream.nullOutputStream()));
    }
}
