package dev.gitopsexecutor.sandbox;

import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.LogConfig;
import com.github.dockerjava.api.model.Mount;
import com.github.dockerjava.api.model.MountType;
import com.github.dockerjava.api.model.RestartPolicy;
import com.github.dockerjava.api.model.Ulimit;
import com.github.dockerjava.api.model.VolumeOptions;
import dev.gitopsexecutor.model.Role;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What a container may not do: the same for both, but for the network. Nothing here can be switched off. */
final class Confinement {
    /** Of every script and command. */
    static final String USER = "65532:65532";

    /** Of PID 1 and of what ends the container at its deadline: not the script's own, which could stop it. */
    static final String KEEPER_USER = "65533:65533";

    static final String HOME = "/home/job";

    private static final String OWN = "uid=65532,gid=65532,mode=0700";
    private static final String TMPFS = "rw,noexec,nosuid,nodev,";

    private final SandboxSettings settings;
    private final SandboxNames names;

    Confinement(SandboxSettings settings, SandboxNames names) {
        this.settings = settings;
        this.names = names;
    }

    /** {@code imageVolumes} are the paths that the image declares; they become small and temporary too. */
    HostConfig of(Role role, Set<String> imageVolumes) {
        return limited(HostConfig.newHostConfig())
                .withPrivileged(false)
                .withCapDrop(Capability.ALL)
                .withSecurityOpts(List.of("no-new-privileges=true"))
                .withReadonlyRootfs(true)
                .withTmpFs(temporary(imageVolumes))
                .withMounts(List.of(
                        workspace(names.buildsVolume(), settings.buildsDir()),
                        workspace(names.cacheVolume(), settings.cacheDir())))
                .withNetworkMode(
                        switch (role) {
                            case HELPER -> settings.helperNetwork();
                            case JOB -> "none";
                        })
                .withIpcMode("private")
                .withInit(true)
                .withAutoRemove(true)
                .withRestartPolicy(RestartPolicy.noRestart())
                .withLogConfig(new LogConfig(LogConfig.LoggingType.NONE));
    }

    /** What the local volume driver hands to mount: owned by the script's user, limited in size, gone with the job. */
    Map<String, String> volumeOptions() {
        return Map.of(
                "type",
                "tmpfs",
                "device",
                "tmpfs",
                "o",
                "size=%d,%s,nosuid,nodev".formatted(settings.limits().workspaceBytes(), OWN));
    }

    private HostConfig limited(HostConfig host) {
        SandboxSettings.Limits limits = settings.limits();
        long file = limits.workspaceBytes();
        return host.withMemory(limits.memoryBytes())
                // Equal to memory: no swap.
                .withMemorySwap(limits.memoryBytes())
                .withNanoCPUs(Math.round(limits.cpus() * 1e9))
                .withPidsLimit(limits.pids())
                .withUlimits(List.of(
                        new Ulimit("core", 0L, 0L),
                        new Ulimit("nofile", 1024L, 1024L),
                        new Ulimit("fsize", file, file)));
    }

    private static Map<String, String> temporary(Set<String> imageVolumes) {
        Map<String, String> temporary = new TreeMap<>();
        imageVolumes.forEach(path -> temporary.put(path, TMPFS + "size=16m," + OWN));
        temporary.put("/tmp", TMPFS + "size=64m,mode=1777");
        temporary.put("/run", TMPFS + "size=16m," + OWN);
        temporary.put(HOME, TMPFS + "size=16m," + OWN);
        return temporary;
    }

    private static Mount workspace(String volume, String path) {
        // No copy: the engine would give the volume the owner that the path has in the image.
        return new Mount()
                .withType(MountType.VOLUME)
                .withSource(volume)
                .withTarget(path)
                .withVolumeOptions(new VolumeOptions().withNoCopy(true));
    }
}
