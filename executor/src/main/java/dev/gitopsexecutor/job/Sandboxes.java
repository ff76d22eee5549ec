package dev.gitopsexecutor.job;

import dev.gitopsexecutor.config.DockerConfig;
import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.io.Sha256;
import dev.gitopsexecutor.policy.JobLimits;
import dev.gitopsexecutor.sandbox.Sandbox;
import dev.gitopsexecutor.sandbox.SandboxSettings;
import java.time.InstantSource;

/** Connects to the engine as this machine's configuration says. */
final class Sandboxes {
    private Sandboxes() {}

    static Sandbox connect(ExecutorConfig config, InstantSource clock) {
        return connect(config, JobLimits.NONE, clock);
    }

    /** For a job whose environment may have closer limits than the machine. */
    static Sandbox connect(ExecutorConfig config, JobLimits limits, InstantSource clock) {
        DockerConfig docker = config.docker();
        var settings = new SandboxSettings(
                docker.socket(),
                instance(config),
                docker.helper(),
                docker.buildsDir(),
                docker.cacheDir(),
                closer(docker.limits(), limits),
                docker.keepCache(),
                docker.appArmorProfile(),
                docker.egress());
        return Sandbox.connect(settings, clock);
    }

    private static SandboxSettings.Limits closer(SandboxSettings.Limits machine, JobLimits job) {
        return new SandboxSettings.Limits(
                Math.min(machine.memoryBytes(), job.memoryBytes().orElse(Long.MAX_VALUE)),
                Math.min(machine.cpus(), job.cpus().orElse(Double.MAX_VALUE)),
                Math.min(machine.pids(), job.pids().orElse(Long.MAX_VALUE)),
                Math.min(machine.workspaceBytes(), job.workspaceBytes().orElse(Long.MAX_VALUE)));
    }

    /** Tells this executor's containers from those of another that shares the engine and counts its jobs from 1 too. */
    private static String instance(ExecutorConfig config) {
        return Sha256.hex(config.gitlab() + "\n" + config.stateDir().toAbsolutePath())
                .substring(0, 8);
    }
}
