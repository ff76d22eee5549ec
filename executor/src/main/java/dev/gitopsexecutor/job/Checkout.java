package dev.gitopsexecutor.job;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gitopsexecutor.config.DeploySpecFile;
import dev.gitopsexecutor.deploy.DeploySpec;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.runner.JobResponse;
import dev.gitopsexecutor.sandbox.CommandResult;
import dev.gitopsexecutor.sandbox.Sandbox;
import java.nio.file.Path;
import java.util.List;

/**
 * The repository as committed: files are read from the job's commit, not from the working tree, so that what is deployed
 * is what was reviewed, whatever the job's script left lying about.
 */
final class Checkout {
    static final String DEPLOY_SPEC = ".gitops/deploy.yaml";

    private static final int MAX_BYTES = 1024 * 1024;

    private final Sandbox sandbox;
    private final JobResponse response;
    private final Path directory;

    Checkout(Sandbox sandbox, JobResponse response, String buildsDir) {
        this.sandbox = sandbox;
        this.response = response;
        this.directory = response.projectDirectory(buildsDir);
    }

    DeploySpec deploySpec() {
        return DeploySpecFile.parse(read(DEPLOY_SPEC), DEPLOY_SPEC, response.sha());
    }

    String text(String path) {
        return new String(read(path), UTF_8);
    }

    private byte[] read(String path) {
        // The working tree is the script's to write: no hook, pager or helper that its configuration names may run.
        CommandResult blob = sandbox.runInHelper(
                response.id(),
                List.of(
                        "git",
                        "-c",
                        "safe.directory=" + directory,
                        "-C",
                        directory.toString(),
                        "cat-file",
                        "blob",
                        response.sha() + ":" + path),
                MAX_BYTES);
        if (blob.exitCode() != 0) {
            throw new ExecutorException(new Failure(
                    FailureCode.DEPLOY_SPEC_MISSING,
                    "read what to deploy",
                    "%s at commit %s".formatted(path, response.sha().abbreviated()),
                    blob.stderr().isBlank() ? "git ended with " + blob.exitCode() : blob.stderr(),
                    "Commit the file. A job that shall deploy nothing has `environment: {action: verify}`."));
        }
        return blob.stdout();
    }
}
