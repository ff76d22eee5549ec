package dev.gitopsexecutor.job;

import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.runner.JobResponse;
import dev.gitopsexecutor.runner.Stage;
import dev.gitopsexecutor.sandbox.Sandbox;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** {@code run SCRIPT STAGE}: the stage's script in its container; after a green {@code build_script}, the deploy. */
final class RunStage {
    private final ExecutorConfig config;
    private final JobResponse response;
    private final Stages.Session session;
    private final Invocation invocation;

    RunStage(ExecutorConfig config, JobResponse response, Stages.Session session, Invocation invocation) {
        this.config = config;
        this.response = response;
        this.session = session;
        this.invocation = invocation;
    }

    int run() throws IOException, InterruptedException {
        // The runner does not clear the file between stages: a code of an earlier one would be read as ours.
        session.exitCodes().clear();
        List<String> operands = invocation.operands();
        if (operands.size() != 2) {
            throw new ExecutorException(new Failure(
                    FailureCode.USAGE,
                    "run a stage",
                    "run " + String.join(" ", operands),
                    operands.size() + " arguments",
                    "Let the runner append the script and the name of the stage: run [--config=FILE] SCRIPT STAGE."));
        }
        Stage stage = Stage.of(operands.getLast());
        ScriptOutput output = new ScriptOutput(session.out());
        try (Sandbox sandbox = Sandboxes.connect(config, invocation.clock())) {
            int code = runScript(sandbox, stage, Path.of(operands.getFirst()), output);
            if (code != 0) {
                session.exitCodes().writeScriptCode(code);
                return session.exitCodes().buildFailure();
            }
            if (invocation.cancellation().isRequested()) {
                return session.exitCodes().systemFailure();
            }
            if (stage.isBuildScript()) {
                requireReader(stage);
                new DeployStep(config, response, session, invocation).run(sandbox);
            }
            return 0;
        }
    }

    private int runScript(Sandbox sandbox, Stage stage, Path script, ScriptOutput output) {
        try {
            return sandbox.run(response.id(), stage.role(), script, output, output, invocation.cancellation());
        } finally {
            List<String> open = output.openSections();
            if (stage.isBuildScript() || !open.isEmpty()) {
                session.log().afterForeignOutput(output.isMidLine());
                session.log().endSections(open);
            }
        }
    }

    /** A killed runner leaves this process behind: nobody would see how a deploy ends, or cancel it. */
    private void requireReader(Stage stage) {
        session.log().line("The script succeeded.");
        if (session.log().isLost()) {
            throw new ExecutorException(new Failure(
                    FailureCode.OUTPUT_LOST,
                    "begin the deploy",
                    "the job log of %s, job %s".formatted(stage.name(), response.id()),
                    "nobody reads it any more; nothing was changed on any host",
                    "See why the runner ended in the middle of the job, then retry the job."));
        }
    }
}
