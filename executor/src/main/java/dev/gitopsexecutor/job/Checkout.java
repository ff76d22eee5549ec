package dev.gitopsexecutor.job;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gitopsexecutor.config.DeploySpecFile;
import dev.gitopsexecutor.deploy.DeploySpec;
import dev.gitopsexecutor.deploy.ShippedFiles;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.report.DeployReport;
import dev.gitopsexecutor.runner.JobResponse;
import dev.gitopsexecutor.sandbox.CommandResult;
import dev.gitopsexecutor.sandbox.Sandbox;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The repository as committed: what is deployed is what the ID token's commit holds, whatever the job's script left in the
 * working tree or in {@code .git}, which it may write to as well.
 */
final class Checkout {
    static final String DEPLOY_SPEC = ".gitops/deploy.yaml";

    private static final int MAX_FILE = 1024 * 1024;
    private static final int MAX_OBJECTS = 8 * 1024 * 1024;
    /** Of timeout(1). */
    private static final int TIMED_OUT = 124;

    /**
     * Reads objects through a repository of its own: no configuration, hook, replacement or promised remote of the job's
     * repository takes part, only its object files. Arguments: objects directory, hash algorithm, names.
     */
    static final String READ_OBJECTS = """
            set -e
            own=$(mktemp -d)
            trap 'rm -rf "$own"' EXIT
            objects=$1 algorithm=$2
            shift 2
            export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null GIT_NO_REPLACE_OBJECTS=1 GIT_DIR="$own"
            if [ "$algorithm" = sha1 ]; then
              git init --quiet --bare --template=
            else
              git init --quiet --bare --template= --object-format="$algorithm"
            fi
            limit=
            if command -v timeout >/dev/null; then limit="timeout 20"; fi
            printf '%s\\n' "$@" | GIT_OBJECT_DIRECTORY="$objects" $limit git cat-file --batch
            """;

    private final Sandbox sandbox;
    private final JobResponse response;
    private final Path directory;
    private Optional<DeployReport.Commit> commit = Optional.empty();

    Checkout(Sandbox sandbox, JobResponse response, String buildsDir) {
        this.sandbox = sandbox;
        this.response = response;
        this.directory = response.projectDirectory(buildsDir);
    }

    DeploySpec deploySpec() {
        return DeploySpecFile.parse(read(DEPLOY_SPEC), DEPLOY_SPEC, response.sha());
    }

    /** What the job's commit says of itself; nothing when its object cannot be read, which is no failure of its own. */
    DeployReport.Commit commit() {
        if (commit.isEmpty()) {
            try {
                remember(GitObjects.parse(
                        response.sha(),
                        batch("the commit", List.of(response.sha().value()))));
            } catch (ExecutorException unreadable) {
                // What was to be deployed could not be read either, and that is told.
            }
        }
        return commit.orElseGet(() -> new DeployReport.Commit(response.sha(), Optional.empty(), Optional.empty()));
    }

    private void remember(GitObjects objects) {
        commit = Optional.of(new DeployReport.Commit(response.sha(), objects.commitTitle(), objects.commitAuthor()));
    }

    String text(String path) {
        return new String(read(path), UTF_8);
    }

    /** What travels with the release besides the Compose file. */
    ShippedFiles shipped(DeploySpec spec) {
        String path = String.join(", ", spec.files());
        try {
            return CommittedFiles.read(response.sha(), spec, names -> batch(path, names));
        } catch (IllegalArgumentException refused) {
            throw unfaithful(path, String.valueOf(refused.getMessage()));
        }
    }

    private byte[] batch(String path, List<String> names) {
        List<String> command = new ArrayList<>(List.of(
                "sh",
                "-c",
                READ_OBJECTS,
                "read-objects",
                directory + "/.git/objects",
                response.sha().objectFormat()));
        command.addAll(names);
        CommandResult batch = sandbox.runInHelper(response.id(), command, MAX_OBJECTS);
        if (batch.exitCode() != 0) {
            throw unfaithful(
                    path,
                    batch.exitCode() == TIMED_OUT
                            ? "git did not end in 20 s"
                            : batch.stderr().isBlank() ? "git ended with " + batch.exitCode() : batch.stderr());
        }
        return batch.stdout();
    }

    private byte[] read(String path) {
        byte[] content;
        try {
            GitObjects objects = GitObjects.parse(response.sha(), batch(path, GitObjects.names(response.sha(), path)));
            remember(objects);
            content = objects.file(path).orElseThrow(() -> missing(path));
        } catch (IllegalArgumentException refused) {
            throw unfaithful(path, String.valueOf(refused.getMessage()));
        }
        if (content.length > MAX_FILE) {
            throw new ExecutorException(new Failure(
                    FailureCode.OUTPUT_TOO_LARGE,
                    "read what to deploy",
                    at(path),
                    "%d bytes, more than %d".formatted(content.length, MAX_FILE),
                    "Make the file smaller."));
        }
        return content;
    }

    private ExecutorException missing(String path) {
        return new ExecutorException(new Failure(
                FailureCode.DEPLOY_SPEC_MISSING,
                "read what to deploy",
                at(path),
                "the commit has no such file",
                "Commit the file. A job that shall deploy nothing has `environment: {action: verify}`."));
    }

    private ExecutorException unfaithful(String path, String saw) {
        return new ExecutorException(new Failure(
                FailureCode.CHECKOUT_UNFAITHFUL,
                "read what to deploy",
                at(path),
                saw,
                "Find out what the job's script does to .git: it must leave the commit's objects as they are."
                        + " `GIT_STRATEGY: none` does not go with a deploy."));
    }

    private String at(String path) {
        return "%s at commit %s".formatted(path, response.sha().abbreviated());
    }
}
