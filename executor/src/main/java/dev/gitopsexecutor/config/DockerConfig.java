package dev.gitopsexecutor.config;

import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.sandbox.SandboxSettings;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The engine on this machine, and what a job's two containers get of it.
 *
 * @param helperNetwork name of the Docker network on which the helper container reaches GitLab
 * @param buildsDir inside the containers, absolute
 * @param cacheDir inside the containers, absolute
 * @param grace how long the containers live after the job's timeout: for after_script, uploads and putting a release back
 */
public record DockerConfig(
        Path socket,
        ImageRef helperImage,
        String helperNetwork,
        String buildsDir,
        String cacheDir,
        SandboxSettings.Limits limits,
        Duration grace) {}
