package dev.gitopsexecutor.config;

import dev.gitopsexecutor.sandbox.SandboxSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The engine on this machine, and what a job's containers get of it.
 *
 * @param buildsDir inside the containers, absolute
 * @param cacheDir inside the containers, absolute
 * @param grace how long the containers live after the job's timeout: for after_script, uploads and putting a release back
 * @param appArmorProfile where the machine has AppArmor
 * @param egress what scripts' ways out lead through; empty when no environment has {@code egress}
 */
public record DockerConfig(
        Path socket,
        SandboxSettings.Helper helper,
        String buildsDir,
        String cacheDir,
        SandboxSettings.Limits limits,
        Optional<Duration> keepCache,
        Duration grace,
        String appArmorProfile,
        Optional<SandboxSettings.Egress> egress) {}
