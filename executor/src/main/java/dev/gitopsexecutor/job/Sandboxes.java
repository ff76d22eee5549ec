package dev.gitopsexecutor.job;

import dev.gitopsexecutor.config.DockerConfig;
import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.io.Sha256;
import dev.gitopsexecutor.sandbox.Sandbox;
import dev.gitopsexecutor.sandbox.SandboxSettings;
import java.time.InstantSource;

/** Connects to the engine as this machine's configuration says. */
final class Sandboxes {
    private Sandboxes() {}

    static Sandbox connect(ExecutorConfig config, InstantSource clock) {
        DockerConfig docker = config.docker();
        var settings = new SandboxSettings(
                docker.socket(),
                instance(config),
                docker.helper(),
                docker.buildsDir(),
                docker.cacheDir(),
                docker.limits(),
                docker.keepCache());
        return Sandbox.connect(settings, clock);
    }

    /** Tells this executor's containers from those of another that shares the engine and counts its jobs from 1 too. */
    private static String instance(ExecutorConfig config) {
        return Sha256.hex(config.gitlab() + "\n" + config.stateDir().toAbsolutePath())
                .substring(0, 8);
    }
}
