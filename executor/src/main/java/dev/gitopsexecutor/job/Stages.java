package dev.gitopsexecutor.job;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.runner.ExitCodes;
import dev.gitopsexecutor.runner.JobResponse;
import dev.gitopsexecutor.secrets.Masker;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Runs one of the runner's four entry points and turns whatever happens into an exit code. */
public final class Stages {
    public static final Set<String> NAMES = Set.of("config", "prepare", "run", "cleanup");

    private static final int STACK_LINES = 12;

    private Stages() {}

    /** Never throws: a failure that nobody foresaw is printed and counts as ours. */
    public static int run(String name, Invocation invocation) {
        ExitCodes exitCodes = ExitCodes.from(invocation.environment());
        Masker masker = new Masker();
        // stdout of `config` is parsed by the runner; elsewhere one stream keeps the order of lines.
        PrintStream raw = name.equals("config") || name.equals("cleanup") ? invocation.err() : invocation.out();
        try (PrintStream out = new PrintStream(masker.wrap(raw), false, UTF_8)) {
            JobLog log = new JobLog(out, invocation.clock());
            try {
                return run(name, invocation, new Session(masker, out, log, exitCodes));
            } catch (ExecutorException failed) {
                log.failure(failed.failure().block());
                return exitCodes.forFailure(failed.blame());
            } catch (Throwable bug) {
                log.failure(internal(name, bug).block());
                return exitCodes.systemFailure();
            }
        }
    }

    /** What every stage of one process shares. */
    record Session(Masker masker, PrintStream out, JobLog log, ExitCodes exitCodes) {}

    private static int run(String name, Invocation invocation, Session session)
            throws IOException, InterruptedException {
        ExecutorConfig config = ExecutorConfig.read(invocation.configFile());
        if (name.equals("config")) {
            return new ConfigStage(config).run(invocation.out());
        }
        JobResponse response = JobResponse.read(responseFile(invocation));
        response.maskedValues().forEach(session.masker()::add);
        return switch (name) {
            case "prepare" -> new PrepareStage(config, response, session, invocation).run();
            case "run" -> new RunStage(config, response, session, invocation).run();
            case "cleanup" -> new CleanupStage(config, response, invocation.clock()).run();
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static Path responseFile(Invocation invocation) {
        return Optional.ofNullable(invocation.environment().get("JOB_RESPONSE_FILE"))
                .map(Path::of)
                .orElseThrow(() -> new ExecutorException(new Failure(
                        FailureCode.JOB_RESPONSE_INVALID,
                        "read the job",
                        "JOB_RESPONSE_FILE",
                        "the variable is not set",
                        "Let a GitLab Runner from 14.1 on start this program; it sets the variable.")));
    }

    private static Failure internal(String stage, Throwable bug) {
        String stack = Arrays.stream(bug.getStackTrace())
                .limit(STACK_LINES)
                .map(line -> "\nat " + line)
                .collect(Collectors.joining());
        return new Failure(
                FailureCode.INTERNAL,
                "finish the stage",
                stage,
                bug + stack,
                "This is a bug of gitops-executor: report it with the lines above. The job may be retried.");
    }
}
