package dev.gitopsexecutor.config;

import dev.gitopsexecutor.deploy.DeploySpec;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.model.CommitSha;
import java.nio.file.Path;

/** Reads {@code .gitops/deploy.yaml}. */
public final class DeploySpecFile {
    private DeploySpecFile() {}

    /** Reads it outside of a job, for its author. */
    public static DeploySpec read(Path file, CommitSha commit) {
        return parse(ReviewedFile.read(file), file.toString(), commit);
    }

    /**
     * Fails with every problem of the file at once.
     *
     * @param shownPath by which problems name the file
     * @param commit fills {@code {commit}} and {@code {commit_short}} in image tags
     */
    public static DeploySpec parse(byte[] content, String shownPath, CommitSha commit) {
        Problems problems = new Problems(FailureCode.DEPLOY_SPEC_INVALID, shownPath);
        return Yaml.read(content, problems)
                .flatMap(root -> new DeploySpecReader(commit).read(root))
                .orElseThrow(problems::failure);
    }
}
