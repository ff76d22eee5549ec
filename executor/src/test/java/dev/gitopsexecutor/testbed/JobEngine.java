package dev.gitopsexecutor.testbed;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The container engine that jobs run on: this machine's, or that of the container which {@code GITOPS_ENGINE} names. The
 * testbed's own parts are on the machine's in either case.
 */
public final class JobEngine {
    private static final Path MACHINES = Path.of("/var/run/docker.sock");

    private JobEngine() {}

    /** Connected when first used, and once. */
    private static final class Clients {
        private static final DockerClient MACHINES_ENGINE = connect(MACHINES);
        private static final DockerClient JOBS_ENGINE = isInContainer() ? connect(socket()) : MACHINES_ENGINE;
    }

    /** The id of the engine's container; empty when jobs run on the machine's engine. */
    static Optional<String> container() {
        return inspected().map(InspectContainerResponse::getId);
    }

    public static boolean isInContainer() {
        return System.getenv("GITOPS_ENGINE") != null;
    }

    private static Optional<InspectContainerResponse> inspected() {
        return Optional.ofNullable(System.getenv("GITOPS_ENGINE"))
                .map(name -> Clients.MACHINES_ENGINE.inspectContainerCmd(name).exec());
    }

    public static Path socket() {
        return inspected()
                .map(it -> it.getState().getPidLong())
                .map(pid -> Path.of("/proc/%d/root/run/docker.sock".formatted(pid)))
                .orElse(MACHINES);
    }

    public static DockerClient client() {
        return Clients.JOBS_ENGINE;
    }

    private static DockerClient connect(Path socket) {
        DefaultDockerClientConfig config = DefaultDockerClientConfig.createDefaultConfigBuilder()
                .withDockerHost("unix://" + socket)
                .build();
        return DockerClientImpl.getInstance(
                config,
                new ZerodepDockerHttpClient.Builder()
                        .dockerHost(config.getDockerHost())
                        .build());
    }

    /** An address at which the engine and its containers reach this machine. */
    public static String machineAddress() {
        return isInContainer()
                ? Clients.MACHINES_ENGINE
                        .inspectNetworkCmd()
                        .withNetworkId("bridge")
                        .exec()
                        .getIpam()
                        .getConfig()
                        .getFirst()
                        .getGateway()
                : "127.0.0.1";
    }
}
