package dev.gitopsexecutor.job;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gitopsexecutor.config.DockerConfig;
import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.sandbox.Sandbox;
import dev.gitopsexecutor.sandbox.SandboxSettings;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.HexFormat;

/** Connects to the engine as this machine's configuration says. */
final class Sandboxes {
    private Sandboxes() {}

    static Sandbox connect(ExecutorConfig config, InstantSource clock) {
        DockerConfig docker = config.docker();
        var limits =
                new SandboxSettings.Limits(docker.memoryBytes(), docker.cpus(), docker.pids(), docker.workspaceBytes());
        var settings = new SandboxSettings(
                docker.socket(),
                instance(config),
                docker.helperImage(),
                docker.helperNetwork(),
                docker.buildsDir(),
                docker.cacheDir(),
                limits);
        return Sandbox.connect(settings, clock);
    }

    /** Tells this executor's containers from those of another that shares the engine and counts its jobs from 1 too. */
    private static String instance(ExecutorConfig config) {
        try {
            String text = config.gitlab() + "\n" + config.stateDir().toAbsolutePath();
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
            return HexFormat.of().formatHex(hash, 0, 4);
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
