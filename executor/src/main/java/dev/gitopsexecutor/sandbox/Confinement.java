package dev.gitopsexecutor.sandbox;

import static java.util.Objects.requireNonNull;

import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.LogConfig;
import com.github.dockerjava.api.model.Mount;
import com.github.dockerjava.api.model.MountType;
import com.github.dockerjava.api.model.RestartPolicy;
import com.github.dockerjava.api.model.Ulimit;
import com.github.dockerjava.api.model.VolumeOptions;
import dev.gitopsexecutor.model.Role;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
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

    /** Where the helper finds this machine's gitlab-runner: before the image's own on the usual PATH. */
    private static final String GITLAB_RUNNER = "/usr/local/bin/gitlab-runner";

    private static final String OWN = "uid=65532,gid=65532,mode=0700";
    private static final String TMPFS = "rw,noexec,nosuid,nodev,";

    private final SandboxSettings settings;
    private final SandboxNames names;

    Confinement(SandboxSettings settings, SandboxNames names) {
        this.settings = settings;
        this.names = names;
    }

    /**
     * @param imageVolumes the paths that the image declares; they become small and temporary too
     * @param cacheUntil when a cache that begins with this job ends
     */
    HostConfig of(Role role, SandboxSpec spec, Set<String> imageVolumes, Instant cacheUntil) {
        List<Mount> mounts = mounts(role, spec, cacheUntil);
        return limited(HostConfig.newHostConfig())
                .withPrivileged(false)
                .withCapDrop(Capability.ALL)
                .withSecurityOpts(List.of("no-new-privileges=true"))
                .withReadonlyRootfs(true)
                .withTmpFs(temporary(imageVolumes, mounts))
                .withMounts(mounts)
                .withNetworkMode(
                        switch (role) {
                            case HELPER -> settings.helper().network();
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

    private static Map<String, String> temporary(Set<String> imageVolumes, List<Mount> mounts) {
        Map<String, String> temporary = new TreeMap<>();
        imageVolumes.forEach(path -> temporary.put(path, TMPFS + "size=16m," + OWN));
        temporary.put("/tmp", TMPFS + "size=64m,mode=1777");
        temporary.put("/run", TMPFS + "size=16m," + OWN);
        temporary.put(HOME, TMPFS + "size=16m," + OWN);
        // The engine would put the temporary one over what the job needs there.
        mounts.forEach(mount ->
                temporary.keySet().removeIf(path -> isSamePath(path, requireNonNull(mount.getTarget()))));
        return temporary;
    }

    /** An image may write its paths as it likes, such as {@code /cache/}. */
    private static boolean isSamePath(String declared, String target) {
        return Path.of(declared).normalize().equals(Path.of(target));
    }

    private List<Mount> mounts(Role role, SandboxSpec spec, Instant cacheUntil) {
        List<Mount> mounts = new ArrayList<>();
        mounts.add(volume(names.buildsVolume(), settings.buildsDir(), Map.of()));
        if (settings.keepCache().isEmpty()) {
            mounts.add(volume(names.cacheVolume(), settings.cacheDir(), Map.of()));
        } else if (role == Role.HELPER) {
            // Not in the job's container: its script could leave there what the next job's cache is taken for.
            mounts.add(
                    volume(names.projectCache(spec), settings.cacheDir(), names.projectCacheLabels(spec, cacheUntil)));
        }
        if (role == Role.HELPER) {
            settings.helper().gitlabRunner().ifPresent(program -> mounts.add(program(program)));
        }
        return mounts;
    }

    /** {@code labels} are for a volume that the engine makes because it is not there yet. */
    private static Mount volume(String volume, String path, Map<String, String> labels) {
        // No copy: the engine would give the volume the owner that the path has in the image.
        return new Mount()
                .withType(MountType.VOLUME)
                .withSource(volume)
                .withTarget(path)
                .withVolumeOptions(new VolumeOptions().withNoCopy(true).withLabels(labels));
    }

    private static Mount program(Path program) {
        return new Mount()
                .withType(MountType.BIND)
                .withSource(program.toString())
                .withTarget(GITLAB_RUNNER)
                .withReadOnly(true);
    }
}
