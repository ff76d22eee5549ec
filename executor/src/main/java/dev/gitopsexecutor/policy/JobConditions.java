package dev.gitopsexecutor.policy;

import dev.gitopsexecutor.model.ProjectId;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a job must be to act in an environment. Lists that are empty allow nobody and nothing.
 *
 * @param namespaces ids of the groups in which the project must be; any when empty
 * @param refs full ref paths, {@code *} matching within one path segment
 * @param protectedEnvironment whether GitLab itself must guard the environment
 * @param ownCiConfig whether the pipeline's YAML must be the project's own, at the job's ref and commit
 * @param pipelineSources what may have made the pipeline, in GitLab's words
 * @param starters who may start the job; everybody whom GitLab lets when empty
 * @param images in which the job's own script may run
 * @param rollbacks who of these may go back to an earlier release; all of them when empty
 */
public record JobConditions(
        Set<ProjectId> projects,
        Optional<Set<Long>> namespaces,
        List<String> refs,
        boolean protectedRef,
        boolean protectedEnvironment,
        boolean ownCiConfig,
        Set<String> pipelineSources,
        Optional<People> starters,
        ImageRule images,
        Optional<People> rollbacks) {

    public JobConditions {
        projects = Set.copyOf(projects);
        namespaces = namespaces.map(Set::copyOf);
        refs = List.copyOf(refs);
        pipelineSources = Set.copyOf(pipelineSources);
    }
}
