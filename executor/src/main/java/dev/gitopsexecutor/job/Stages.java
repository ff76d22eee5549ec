package dev.gitopsexecutor.job;

import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.runner.ExitCodes;
import dev.gitopsexecutor.runner.JobResponse;
import dev.gitopsexecutor.secrets.Masker;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/** Runs one of the runner's four entry points and turns whatever happens into an exit code. */
public final class Stages {
    public static final Set<String> NAMES = Set.of("config", "prepare", "run", "cleanup");

    private Stages() {}

    /**
     * Never throws: a failure that nobody foresaw is printed and counts as ours.
     *
     * @param masker learns the job's secrets before they are used
     */
    public static int run(String name, Invocation invocation, Masker masker) {
        ExitCodes exitCodes = ExitCodes.from(invocation.environment());
        OutputStream raw = logsToStdout(name) ? invocation.out() : invocation.err();
        try (OutputStream out = masker.wrap(raw)) {
            JobLog log = new JobLog(out, masker::mask, invocation.clock());
            try {
                return run(name, invocation, new Session(masker, out, log, exitCodes));
            } catch (ExecutorException failed) {
                report(failed.failure(), log, masker, invocation);
                return exitCodes.forFailure(failed.blame());
            } catch (Throwable bug) {
                report(Failure.internal("finish the stage", name, bug), log, masker, invocation);
                return exitCodes.systemFailure();
            }
        } catch (IOException lost) {
            // The end of the job log was held back and nobody takes it any more.
            return exitCodes.systemFailure();
        }
    }

    /** The runner parses stdout of {@code config} and ignores that of {@code cleanup}; else one stream keeps the order. */
    public static boolean logsToStdout(String name) {
        return name.equals("prepare") || name.equals("run");
    }

    /** To stderr as well when the job log is lost: the runner's own log may have it then. */
    private static void report(Failure failure, JobLog log, Masker masker, Invocation invocation) {
        log.failure(failure.block());
        if (log.isLost()) {
            new JobLog(masker.wrap(invocation.err()), invocation.clock()).failure(failure.block());
        }
    }

    /** What every stage of one process shares. */
    record Session(Masker masker, OutputStream out, JobLog log, ExitCodes exitCodes) {}

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
            case "cleanup" -> new CleanupStage(config, response, session.masker(), invocation.clock()).run();
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
}
