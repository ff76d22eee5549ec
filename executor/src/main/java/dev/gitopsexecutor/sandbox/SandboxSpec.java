package dev.gitopsexecutor.sandbox;

import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.JobId;
import dev.gitopsexecutor.model.ProjectId;
import dev.gitopsexecutor.model.RegistryLogin;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * What one job asks for.
 *
 * @param refProtected whether GitLab protects the ref that the job runs on
 * @param runnerVersion the runner's own, where it tells it
 * @param login for the registry of {@code jobImage}
 * @param deadline when both containers end by themselves, whoever is still alive
 * @param labels further ones for whoever looks at the engine; never from what the author can write
 */
public record SandboxSpec(
        JobId job,
        ProjectId project,
        boolean refProtected,
        Optional<String> runnerVersion,
        ImageRef jobImage,
        Optional<RegistryLogin> login,
        Instant deadline,
        Map<String, String> labels) {

    public SandboxSpec {
        labels = Map.copyOf(labels);
    }
}
