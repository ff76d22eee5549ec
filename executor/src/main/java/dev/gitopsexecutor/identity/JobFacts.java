package dev.gitopsexecutor.identity;

import dev.gitopsexecutor.model.CommitSha;
import dev.gitopsexecutor.model.JobId;
import dev.gitopsexecutor.model.ProjectId;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the job response's typed fields say of the job; a token must say the same.
 *
 * @param pipeline absent before GitLab sent it in the response
 * @param user absent before GitLab sent it in the response
 * @param refType {@code branch} or {@code tag}
 * @param refProtected absent before GitLab sent it in the response
 */
public record JobFacts(
        JobId job,
        ProjectId project,
        OptionalLong pipeline,
        OptionalLong user,
        String ref,
        String refType,
        CommitSha sha,
        Optional<Boolean> refProtected) {}
