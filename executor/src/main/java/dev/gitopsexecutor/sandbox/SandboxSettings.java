package dev.gitopsexecutor.sandbox;

import dev.gitopsexecutor.model.ImageRef;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What is the same for every job of this executor.
 *
 * @param socket of the engine
 * @param instance keeps two executors on one engine apart: 8 hexadecimal digits
 * @param buildsDir inside the containers, absolute
 * @param cacheDir inside the containers, absolute
 * @param keepCache how long a project's cache is kept, from its beginning; empty when it ends with the job
 * @param appArmorProfile of every container, where the machine has AppArmor
 * @param egress what a script's way out leads through; empty when no job has one
 */
public record SandboxSettings(
        Path socket,
        String instance,
        Helper helper,
        String buildsDir,
        String cacheDir,
        Limits limits,
        Optional<Duration> keepCache,
        String appArmorProfile,
        Optional<Egress> egress) {
    /** The engine's own. */
    public static final String DEFAULT_APP_ARMOR = "docker-default";

    private static final Pattern INSTANCE = Pattern.compile("[0-9a-f]{8}");
    private static final Pattern NETWORK = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}");
    private static final Set<String> NO_NETWORKS = Set.of("host", "none", "default");

    /** Throws {@link IllegalArgumentException} with a sentence for the reader when a value is refused. */
    public SandboxSettings {
        if (!INSTANCE.matcher(instance).matches()) {
            throw new IllegalArgumentException("an instance is 8 hexadecimal digits");
        }
    }

    /**
     * The container of the runner's own stages.
     *
     * @param network the engine's name of it; never the host's own network
     * @param gitlabRunner a program of this machine to mount; empty when the image has it
     */
    public record Helper(ImageRef image, String network, Optional<Path> gitlabRunner) {
        public Helper {
            if (!isNetwork(network)) {
                throw new IllegalArgumentException("\"%s\" is no network that a job may join".formatted(network));
            }
        }
    }

    /**
     * The containers that hand on what a script may send.
     *
     * @param image has {@code haproxy} and a shell
     * @param network the engine's name of the one on which the hosts are
     */
    public record Egress(ImageRef image, String network) {
        public Egress {
            if (!isNetwork(network)) {
                throw new IllegalArgumentException("\"%s\" is no network that a proxy may join".formatted(network));
            }
        }
    }

    /** Whether {@code name} can be that of a network of containers alone, from which GitLab can be reached. */
    public static boolean isNetwork(String name) {
        // "host" would undo the isolation, "none" leads nowhere, "default" is no name; "container:x" has a colon.
        return NETWORK.matcher(name).matches() && !NO_NETWORKS.contains(name);
    }

    /**
     * Of each of a job's containers.
     *
     * @param cpus in processors, such as 1.5
     * @param workspaceBytes of the builds and of the cache directory each, and of one file; both are kept in memory
     */
    public record Limits(long memoryBytes, double cpus, long pids, long workspaceBytes) {}
}
