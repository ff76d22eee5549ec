package dev.gitopsexecutor.config;

import dev.gitopsexecutor.deploy.DeploySpec;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.model.CommitSha;

/** Reads {@code .gitops/deploy.yaml}. */
public final class DeploySpecFile {
    private DeploySpecFile() {}

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
