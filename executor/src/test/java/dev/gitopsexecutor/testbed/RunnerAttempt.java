package dev.gitopsexecutor.testbed;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gitopsexecutor.testbed.RunnerJob.Variable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** One attempt of a job: its temporary directory, and the launcher processes that the runner starts for it. */
public final class RunnerAttempt {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final RunnerHarness.Settings settings;
    private final RunnerJob job;
    private final Path directory;
    private final LogText log;
    private final LogText runnerLog;
    private final List<StageResult> stages = Collections.synchronizedList(new ArrayList<>());
    private final AtomicReference<@Nullable StageProcess> running = new AtomicReference<>();
    private final List<Variable> variables;
    private final Map<String, String> jobEnvironment = new HashMap<>();
    private String buildsDirectory = "/builds";
    private String jobStatus = "running";

    RunnerAttempt(RunnerHarness.Settings settings, RunnerJob job, LogText log, LogText runnerLog) throws IOException {
        this.settings = settings;
        this.job = job;
        this.log = log;
        this.runnerLog = runnerLog;
        this.variables = JobVariables.of(job, settings.serverUrl());
        this.directory =
                Files.createTempDirectory(settings.world().directory("runner"), "custom-executor", mode("rwx------"));
        Path response = Files.createFile(responseFile(), mode("rw-------"));
        Files.writeString(response, JobResponse.text(job, variables));
    }

    private static java.nio.file.attribute.FileAttribute<?> mode(String mode) {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode));
    }

    public Path responseFile() {
        return directory.resolve("response.json");
    }

    /** TMPDIR and working directory of its processes. */
    public Path directory() {
        return directory;
    }

    public List<StageResult> stages() {
        return List.copyOf(stages);
    }

    /** Everything that the job's own log got so far. */
    public String log() {
        return log.text();
    }

    /** As {@link #log()}, for a log that is not UTF-8 throughout. */
    public String log(Charset charset) {
        return log.text(charset);
    }

    /**
     * Blocks until the job's log fits.
     *
     * @throws TestbedException when it never does
     */
    public void awaitLog(Predicate<String> fits) throws InterruptedException {
        log.awaitOrThrow(fits);
    }

    public String runnerLog() {
        return runnerLog.text();
    }

    /** Its JSON decides directories and environment of the later stages. */
    public StageResult config() throws IOException, InterruptedException {
        LogText out = new LogText(java.io.OutputStream.nullOutputStream());
        StageResult result = run("config", List.of("config"), out::append, log::append);
        if (result.succeeded()) {
            accept(JSON.readTree(out.text()));
        }
        return result;
    }

    private void accept(JsonNode config) {
        JsonNode driver = config.path("driver");
        log.line("Using Custom executor with driver %s %s..."
                .formatted(driver.path("name").asText(), driver.path("version").asText()));
        buildsDirectory = config.path("builds_dir").asText(buildsDirectory);
        config.path("job_env")
                .properties()
                .forEach(entry ->
                        jobEnvironment.put(entry.getKey(), entry.getValue().asText()));
    }

    public StageResult prepare() throws IOException, InterruptedException {
        return run("prepare", List.of("prepare"), log::append, log::append);
    }

    /** Runs one sub-stage; empty when this job has nothing to do in it. */
    public Optional<StageResult> stage(String name) throws IOException, InterruptedException {
        Optional<String> script = script(name);
        return script.isEmpty()
                ? Optional.empty()
                : Optional.of(script(name, script.get().getBytes(StandardCharsets.UTF_8)));
    }

    /** Runs these commands as the sub-stage of that name, which need not be one that this harness knows. */
    public StageResult stageWith(String name, String... commands) throws IOException, InterruptedException {
        String text = newScript().commands(scriptVariables(), List.of(commands));
        return script(name, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Runs exactly this script as the sub-stage of that name. */
    public StageResult script(String name, byte[] script) throws IOException, InterruptedException {
        Path file = Files.createTempDirectory(directory, "script", mode("rwx------"))
                .resolve("script.");
        Files.createFile(file, mode("rwx------"));
        Files.write(file, script);
        log.line("section_start:0:" + name + "\r\u001b[0K");
        StageResult result = run(name, List.of("run", file.toString(), name), log::append, log::append);
        log.line("section_end:0:" + name + "\r\u001b[0K");
        return result;
    }

    /** What later stages see as CI_JOB_STATUS. */
    void stepsEnded(JobResult.Status status) {
        jobStatus = switch (status) {
            case SUCCESS -> "success";
            case CANCELED -> "canceled";
            case TIMED_OUT -> "timedout";
            case SCRIPT_FAILURE, SYSTEM_FAILURE -> "failed";
        };
    }

    private RunnerScript newScript() {
        return new RunnerScript(
                settings.shape(), buildsDirectory + "/" + job.source().project().path());
    }

    private Optional<String> script(String stage) {
        RunnerScript script = newScript();
        RunnerJob.Work work = job.work();
        return switch (stage) {
            case "prepare_script" -> Optional.of(script.prepare());
            case "get_sources" -> Optional.of(script.getSources(scriptVariables(), job.source()));
            case "clear_worktree" -> Optional.of(script.clearWorktree());
            case "restore_cache" -> work.kept().map(_ -> script.restoreCache(scriptVariables()));
            case "build_script" -> Optional.of(script.commands(scriptVariables(), work.script()));
            case "step_release" -> commands(script, work.release());
            case "after_script" -> commands(script, work.afterScript());
            case "archive_cache", "archive_cache_on_failure" ->
                work.kept().map(path -> script.archiveCache(scriptVariables(), path));
            case "upload_artifacts_on_success", "upload_artifacts_on_failure" ->
                work.kept().map(path -> script.uploadArtifacts(scriptVariables(), path));
            case "cleanup_file_variables" ->
                Optional.of(variables)
                        .filter(all -> all.stream().anyMatch(variable -> variable.kind() == Variable.Kind.FILE))
                        .map(script::cleanupFileVariables);
            default -> throw new IllegalArgumentException(stage);
        };
    }

    private Optional<String> commands(RunnerScript script, List<String> lines) {
        return lines.isEmpty() ? Optional.empty() : Optional.of(script.commands(scriptVariables(), lines));
    }

    public StageResult cleanup() throws IOException, InterruptedException {
        return run("cleanup", List.of("cleanup"), runnerLog::append, runnerLog::append);
    }

    /** The runner removes its temporary directory at the end of the attempt. */
    void remove() throws IOException {
        new WorldDirectory(directory).remove();
    }

    /** SIGTERM to the process that runs now, SIGKILL after the grace; nothing when none runs. */
    public void terminate() throws InterruptedException {
        StageProcess process = running.get();
        if (process != null) {
            process.terminate(settings.grace());
        }
    }

    /** SIGKILL to the process that runs now, as when the machine runs out of memory. */
    public void kill() {
        StageProcess process = running.get();
        if (process != null) {
            process.kill();
        }
    }

    /** SIGSTOP to the process that runs now, as when a virtual machine is paused with it. */
    void pause() {
        StageProcess process = running.get();
        if (process != null) {
            process.pause();
        }
    }

    /** Ends a {@link #pause}. */
    void resume() {
        StageProcess process = running.get();
        if (process != null) {
            process.resume();
        }
    }

    private StageResult run(String name, List<String> arguments, Consumer<ByteBuffer> out, Consumer<ByteBuffer> err)
            throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of(settings.launcher().toString(), arguments.getFirst()));
        words.add("--config=" + settings.executorYaml());
        words.addAll(arguments.subList(1, arguments.size()));
        long started = System.nanoTime();
        StageProcess process = StageProcess.start(
                settings.world(), words, directory, environment(), new StageProcess.Streams(out, err));
        running.set(process);
        int code = process.await();
        running.set(null);
        StageResult result =
                new StageResult(name, code, buildExitCode(), Duration.ofNanos(System.nanoTime() - started));
        stages.add(result);
        return result;
    }

    private String buildExitCode() throws IOException {
        Path file = directory.resolve("build_exit_code");
        return Files.exists(file)
                ? Files.readString(file, StandardCharsets.UTF_8)
                        .lines()
                        .findFirst()
                        .orElse("")
                : "";
    }

    private Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>(settings.environment());
        environment.put("TMPDIR", directory.toString());
        environment.put("BUILD_FAILURE_EXIT_CODE", Integer.toString(StageResult.BUILD_FAILURE));
        environment.put("SYSTEM_FAILURE_EXIT_CODE", Integer.toString(StageResult.SYSTEM_FAILURE));
        environment.put("JOB_RESPONSE_FILE", responseFile().toString());
        if (settings.exitCodeFile()) {
            environment.put(
                    "BUILD_EXIT_CODE_FILE", directory.resolve("build_exit_code").toString());
        }
        environment.putAll(jobEnvironment);
        scriptVariables().forEach(variable -> environment.put("CUSTOM_ENV_" + variable.key(), variable.value()));
        environment.put("CUSTOM_ENV_CI_JOB_SERVICES", "");
        return environment;
    }

    /** What the runner itself adds around the job's own variables. */
    private List<Variable> scriptVariables() {
        String project = buildsDirectory + "/" + job.source().project().path();
        List<Variable> all = new ArrayList<>();
        all.add(plain("CI_JOB_IMAGE", job.work().image()));
        all.add(plain("CI_BUILDS_DIR", buildsDirectory));
        all.add(plain("CI_PROJECT_DIR", project));
        all.add(plain("CI_SERVER", "yes"));
        all.add(plain("CI_JOB_STATUS", jobStatus));
        all.add(plain("CI_JOB_TIMEOUT", Long.toString(job.work().timeout().toSeconds())));
        all.addAll(variables);
        all.add(plain("CI_SHARED_ENVIRONMENT", "true"));
        all.add(plain("CI_RUNNER_VERSION", "17.0.0"));
        all.add(plain("RUNNER_TEMP_PROJECT_DIR", project + ".tmp"));
        return all;
    }

    private static Variable plain(String key, String value) {
        return new Variable(key, value, Variable.Kind.PLAIN);
    }
}
