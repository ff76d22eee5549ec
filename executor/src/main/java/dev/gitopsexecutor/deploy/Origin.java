package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.identity.VerifiedIdentity;
import dev.gitopsexecutor.model.CommitSha;
import dev.gitopsexecutor.model.JobId;
import dev.gitopsexecutor.model.ProjectId;

/** The job that a release comes from, as its ID token proved it. */
public record Origin(
        JobId job, long pipeline, ProjectId project, String projectPath, CommitSha sha, long userId, String userLogin) {

    /** Stands where no release comes of it: but for the commit nothing of it is written or compared. */
    static Origin nobody(CommitSha commit) {
        return new Origin(new JobId(1), 1, new ProjectId(1), "nobody/nothing", commit, 1, "nobody");
    }

    public static Origin of(VerifiedIdentity identity) {
        return new Origin(
                identity.jobId(),
                identity.pipelineId(),
                identity.projectId(),
                identity.projectPath(),
                identity.sha(),
                identity.userId(),
                identity.userLogin());
    }
}
