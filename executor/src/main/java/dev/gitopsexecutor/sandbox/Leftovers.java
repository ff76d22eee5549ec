package dev.gitopsexecutor.sandbox;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.Network;
import dev.gitopsexecutor.io.Deadline;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;

/** Removes everything on the engine that carries a job's labels. */
final class Leftovers {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Duration PAUSE = Duration.ofMillis(20);

    private final Engine engine;
    private final InstantSource clock;

    Leftovers(Engine engine, InstantSource clock) {
        this.engine = engine;
        this.clock = clock;
    }

    /** Forces, whatever still runs. Blocks until nothing is left; does nothing when nothing was there. */
    void remove(SandboxNames names) {
        Deadline deadline = Deadline.after(clock, LIMIT);
        remove(
                "containers",
                deadline,
                docker -> containers(docker, names),
                (docker, id) -> docker.removeContainerCmd(id)
                        .withForce(true)
                        .withRemoveVolumes(true)
                        .exec());
        remove(
                "networks",
                deadline,
                docker -> networks(docker, names),
                (docker, id) -> docker.removeNetworkCmd(id).exec());
        remove(
                "volumes",
                deadline,
                docker -> volumes(docker, names),
                (docker, name) -> docker.removeVolumeCmd(name).exec());
    }

    /** Asks again until the list is empty: what the engine is about to remove by itself is in use for a moment. */
    private void remove(
            String what,
            Deadline deadline,
            Function<DockerClient, List<String>> list,
            BiConsumer<DockerClient, String> removal) {
        String tried = "remove the job's " + what;
        List<String> left = engine.call(tried, LIMIT, list);
        while (!left.isEmpty()) {
            left.parallelStream().forEach(id -> engine.attempt(tried, LIMIT, docker -> removal.accept(docker, id)));
            left = engine.call(tried, LIMIT, list);
            if (!left.isEmpty()) {
                pause(tried, deadline, left);
            }
        }
    }

    private void pause(String tried, Deadline deadline, List<String> left) {
        if (deadline.hasPassed()) {
            throw engine.refused(tried, "still there after %d s: %s".formatted(LIMIT.toSeconds(), left));
        }
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw engine.refused(tried, new InterruptedIOException().toString());
        }
    }

    private static List<String> containers(DockerClient docker, SandboxNames names) {
        return docker.listContainersCmd().withShowAll(true).withLabelFilter(names.filter()).exec().stream()
                .map(Container::getId)
                .toList();
    }

    private static List<String> networks(DockerClient docker, SandboxNames names) {
        return docker.listNetworksCmd().withFilter("label", names.filter()).exec().stream()
                .map(Network::getId)
                .toList();
    }

    private static List<String> volumes(DockerClient docker, SandboxNames names) {
        var found = docker.listVolumesCmd()
                .withFilter("label", names.filter())
                .exec()
                .getVolumes();
        return found == null
                ? List.of()
                : found.stream().map(volume -> volume.getName()).toList();
    }
}
