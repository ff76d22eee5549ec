package dev.gitopsexecutor.testbed;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.Network;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** What testbeds left in the engine and on the disk: containers with their volumes, networks, files, processes. */
final class Leftovers {
    private static final String JOB = "dev.gitopsexecutor.job";

    private final DockerClient docker;

    Leftovers(DockerClient docker) {
        this.docker = docker;
    }

    /** Of testbeds whose process is gone without having cleaned up. */
    void removeOfTheDead() throws IOException {
        remove(owner -> owner.process().isEmpty());
    }

    void removeOf(Owner owner) throws IOException {
        remove(owner::equals);
    }

    private void remove(Predicate<Owner> chosen) throws IOException {
        List<WorldDirectory> worlds = worlds(chosen);
        for (WorldDirectory world : worlds) {
            world.kill();
        }
        for (Container container : docker.listContainersCmd()
                .withShowAll(true)
                .withLabelFilter(List.of(Owner.LABEL))
                .exec()) {
            if (owned(container.getLabels(), chosen)) {
                removeContainer(container.getId());
            }
        }
        for (Network network : docker.listNetworksCmd().exec()) {
            if (owned(network.getLabels(), chosen)) {
                removeNetwork(network.getId());
            }
        }
        for (WorldDirectory world : worlds) {
            removeJobs(Set.copyOf(world.jobs()));
            world.remove();
        }
    }

    private static List<WorldDirectory> worlds(Predicate<Owner> chosen) throws IOException {
        List<WorldDirectory> worlds = new ArrayList<>();
        for (WorldDirectory world : WorldDirectory.all()) {
            if (world.owner().filter(chosen).isPresent()) {
                worlds.add(world);
            }
        }
        return worlds;
    }

    /** What the executor left of them: by its own label, whatever became of their network. */
    private void removeJobs(Set<String> jobs) {
        docker.listContainersCmd().withShowAll(true).withLabelFilter(List.of(JOB)).exec().stream()
                .filter(container -> jobs.contains(container.getLabels().get(JOB)))
                .forEach(container -> removeContainer(container.getId()));
        docker.listVolumesCmd().withFilter("label", List.of(JOB)).exec().getVolumes().stream()
                .filter(volume -> jobs.contains(volume.getLabels().get(JOB)))
                .forEach(volume -> docker.removeVolumeCmd(volume.getName()).exec());
    }

    private static boolean owned(Map<String, String> labels, Predicate<Owner> chosen) {
        return Owner.parse(labels.getOrDefault(Owner.LABEL, "")).filter(chosen).isPresent();
    }

    /** Containers of jobs may still hang on the network: they belong to the same world. */
    private void removeNetwork(String id) {
        try {
            docker.inspectNetworkCmd().withNetworkId(id).exec().getContainers().keySet().stream()
                    .filter(name -> !name.startsWith("ep-"))
                    .forEach(container -> takeFrom(id, container));
            docker.removeNetworkCmd(id).exec();
        } catch (NotFoundException gone) {
            // Somebody else removed it first, which is what we wanted.
        }
    }

    private void takeFrom(String network, String container) {
        if (JobEngine.container().equals(Optional.of(container))) {
            docker.disconnectFromNetworkCmd()
                    .withNetworkId(network)
                    .withContainerId(container)
                    .withForce(true)
                    .exec();
        } else {
            removeContainer(container);
        }
    }

    private void removeContainer(String id) {
        try {
            docker.removeContainerCmd(id)
                    .withForce(true)
                    .withRemoveVolumes(true)
                    .exec();
        } catch (NotFoundException gone) {
            // Somebody else removed it first, which is what we wanted.
        }
    }
}
