package dev.gitopsexecutor.config;

import dev.gitopsexecutor.model.ImageRef;
import java.nio.file.Path;

/**
 * The engine on this machine, and what a job's two containers get of it.
 *
 * @param helperNetwork name of the Docker network on which the helper container reaches GitLab
 * @param buildsDir inside the containers, absolute
 * @param cacheDir inside the containers, absolute
 * @param memoryBytes of each container
 * @param pids of each container
 * @param workspaceBytes of the volume that both share
 */
public record DockerConfig(
        Path socket,
        ImageRef helperImage,
        String helperNetwork,
        String buildsDir,
        String cacheDir,
        long memoryBytes,
        double cpus,
        long pids,
        long workspaceBytes) {}
