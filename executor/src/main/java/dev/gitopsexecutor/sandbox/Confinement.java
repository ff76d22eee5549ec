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

/** What a job's containers may not do: the same for all, but for the network. Nothing here can be switched off. */
final class Confinement {
    /** Of every script and command. */
    static final String USER = "65532:65532";

    private static final long UID = 65_532;

    /** Of PID 1 and of what ends the container at its deadline: not the script's own, which could stop it. */
    static final String KEEPER_USER = "65533:65533";

    static final String HOME = "/home/job";

    /** Where the helper finds this machine's gitlab-runner: before the image's own on the usual PATH. */
    static final String GITLAB_RUNNER = "/usr/local/bin/gitlab-runner";

    private static final long SERVICE_UID = 65_531;

    /** Of services: the script shares their processes' namespace, and shall not end them. */
    static final String SERVICE_USER = "65531:65531";

    private static final String TMPFS = "rw,noexec,nosuid,nodev,";
    private static final String SMALL = "size=16m,";
    private static final long IMAGE_VOLUME_BYTES = 16L << 20;
    private static final LogConfig NO_LOG = new LogConfig(LogConfig.LoggingType.NONE);

    private final SandboxSettings settings;
    private final SandboxNames names;
    private final EngineFeatures features;

    Confinement(SandboxSettings settings, SandboxNames names, EngineFeatures features) {
        this.settings = settings;
        this.names = names;
        this.features = features;
    }

    /**
     * Of one of the two containers that scripts run in.
     *
     * @param imageVolumes the paths that the image declares; they become small and temporary too
     * @param cacheUntil when a cache that begins with this job ends
     */
    HostConfig of(Role role, SandboxSpec spec, Set<String> imageVolumes, Instant cacheUntil) {
        List<Mount> mounts = mounts(role, spec, cacheUntil);
        Map<String, String> temporary = temporary(imageVolumes, IMAGE_VOLUME_BYTES, UID);
        temporary.put(HOME, TMPFS + SMALL + ownedBy(UID));
        HostConfig locked =
                locked(temporary, mounts).withInit(true).withAutoRemove(true).withLogConfig(NO_LOG);
        return switch (role) {
            case HELPER -> locked.withNetworkMode(settings.helper().network());
            case JOB ->
                locked.withNetworkMode("none")
                        .withExtraHosts(Loopback.of(spec).hosts())
                        .withSysctls(Map.of("net.ipv4.ip_unprivileged_port_start", "0"));
        };
    }

    /**
     * Of a service: in the namespaces of the job container, and so gone with it. What it said is kept until the job's
     * cleanup, for whoever wants to know why it does not run.
     */
    HostConfig ofService(Set<String> imageVolumes) {
        String job = "container:" + names.container(Role.JOB);
        // Its data may be as large as the job's own.
        long dataBytes = settings.limits().workspaceBytes();
        return locked(temporary(imageVolumes, dataBytes, SERVICE_UID), List.of())
                .withNetworkMode(job)
                .withPidMode(job)
                .withLogConfig(
                        new LogConfig(LogConfig.LoggingType.JSON_FILE, Map.of("max-size", "1m", "max-file", "1")));
    }

    /** Of the proxy in the job container's network, which is none. */
    HostConfig ofEgressInside(Set<String> imageVolumes) {
        return ofEgress("container:" + names.container(Role.JOB), imageVolumes);
    }

    HostConfig ofEgressOutside(SandboxSettings.Egress egress, Set<String> imageVolumes) {
        return ofEgress(egress.network(), imageVolumes);
    }

    private HostConfig ofEgress(String network, Set<String> imageVolumes) {
        return locked(
                        temporary(imageVolumes, IMAGE_VOLUME_BYTES, UID),
                        List.of(volume(names.egressVolume(), EgressProxy.MEETING, Map.of())))
                .withNetworkMode(network)
                .withInit(true)
                .withAutoRemove(true)
                .withLogConfig(NO_LOG);
    }

    private HostConfig locked(Map<String, String> temporary, List<Mount> mounts) {
        // The engine would put the temporary one over what the container needs there.
        mounts.forEach(mount ->
                temporary.remove(Path.of(requireNonNull(mount.getTarget())).toString()));
        return limited(HostConfig.newHostConfig())
                .withPrivileged(false)
                .withCapDrop(Capability.ALL)
                .withSecurityOpts(securityOptions())
                .withReadonlyRootfs(true)
                .withTmpFs(temporary)
                .withMounts(mounts)
                .withIpcMode("private")
                .withRestartPolicy(RestartPolicy.noRestart());
    }

    private List<String> securityOptions() {
        List<String> options = new ArrayList<>(List.of("no-new-privileges=true", "seccomp=" + SeccompProfile.json()));
        if (features.hasAppArmor()) {
            options.add("apparmor=" + settings.appArmorProfile());
        }
        return options;
    }

    /** What the local volume driver hands to mount: owned by the script's user, limited in size, gone with the job. */
    Map<String, String> volumeOptions() {
        long owner = features.onMachine(UID);
        return Map.of(
                "type",
                "tmpfs",
                "device",
                "tmpfs",
                "o",
                "size=%d,%s,nosuid,nodev".formatted(settings.limits().workspaceBytes(), ownedBy(owner)));
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

    private static Map<String, String> temporary(Set<String> imageVolumes, long volumeBytes, long uid) {
        Map<String, String> temporary = new TreeMap<>();
        imageVolumes.forEach(path -> temporary.put(path, TMPFS + "size=%d,%s".formatted(volumeBytes, ownedBy(uid))));
        temporary.put("/tmp", TMPFS + "size=64m,mode=1777");
        // Not 1777: the engine gives a directory that the image has the image's own mode.
        temporary.put("/run", TMPFS + SMALL + ownedBy(uid));
        return temporary;
    }

    private static String ownedBy(long uid) {
        return "uid=%d,gid=%1$d,mode=0700".formatted(uid);
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
