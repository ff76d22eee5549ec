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
     * @param exitCodeFile whether it names BUILD_EXIT_CODE_FILE, as runners do from 17.9 on
     * @param retryDelay between the attempts of a prepare that failed
     * @param grace from SIGTERM to SIGKILL
     */
    public record Settings(
            Path launcher,
            Path executorYaml,
            WorldDirectory world,
            String serverUrl,
            Map<String, String> environment,
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
                    true,
                    Duration.ofSeconds(3),
                    Duration.ofSeconds(60));
        }
    }

    public RunnerHarness withoutExitCodeFile() {
        return with(false, settings.retryDelay, settings.grace, settings.environment);
    }

    public RunnerHarness withRetryDelay(Duration delay) {
        return with(settings.exitCodeFile, delay, settings.grace, settings.environment);
    }

    public RunnerHarness withGrace(Duration grace) {
        return with(settings.exitCodeFile, settings.retryDelay, grace, settings.environment);
    }

    public RunnerHarness withEnvironment(Map<String, String> environment) {
        return with(settings.exitCodeFile, settings.retryDelay, settings.grace, environment);
    }

    private RunnerHarness with(
            boolean exitCodeFile, Duration retryDelay, Duration grace, Map<String, String> environment) {
        return new RunnerHarness(new Settings(
                settings.launcher,
                settings.executorYaml,
                settings.world,
                settings.serverUrl,
                environment,
                exitCodeFile,
                retryDelay,
                grace));
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
