package dev.gitopsexecutor.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.failure.Shown;
import dev.gitopsexecutor.model.Digest;
import dev.gitopsexecutor.model.ImageRef;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What an image brings along, which its author writes and the engine keeps as it is.
 *
 * @param id what is run, so that a tag that moves meanwhile changes nothing
 * @param digests in the registry of the name by which it was looked for
 * @param volumes absolute paths in their shortest form
 * @param ports of TCP, the lowest twenty
 * @param labels their names
 * @see <a href="https://github.com/opencontainers/image-spec/blob/main/config.md">its form</a>
 */
record ImageConfig(
        String id, List<Digest> digests, SortedSet<String> volumes, SortedSet<Integer> ports, Set<String> labels) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** An image may declare all there are, and somebody is to read of them. */
    private static final int MAX_PORTS = 20;

    /** The engine sorts many mounts in an order that is not ours. */
    private static final int MAX_VOLUMES = 16;

    /** The engine's lists show them for each container. */
    private static final int MAX_LABELS = 64 * 1024;

    private static final List<String> KERNELS = List.of("/proc", "/sys", "/dev");
    private static final Set<String> ENGINES = Set.of("/etc/hosts", "/etc/hostname", "/etc/resolv.conf");

    /** Throws {@code IMAGE_UNSUITABLE} when a container of it would not be as locked down as it must, or not start. */
    static ImageConfig parse(ImageRef name, String json) throws IOException {
        JsonNode image = JSON.readTree(json);
        JsonNode config = image.path("Config");
        JsonNode labels = config.path("Labels");
        if (labels.toString().length() > MAX_LABELS) {
            throw unsuitable(name, "its labels are longer than %d characters".formatted(MAX_LABELS));
        }
        return new ImageConfig(
                image.path("Id").asText(),
                digests(name, image.path("RepoDigests")),
                volumes(name, config.path("Volumes")),
                ports(config.path("ExposedPorts")),
                names(labels));
    }

    private static List<Digest> digests(ImageRef name, JsonNode digests) {
        String prefix = name.repository() + "@sha256:";
        return digests.valueStream()
                .map(JsonNode::asText)
                .filter(digest -> digest.startsWith(prefix))
                .map(digest -> new Digest(digest.substring(name.repository().length() + 1)))
                .toList();
    }

    private static SortedSet<String> volumes(ImageRef name, JsonNode volumes) {
        SortedSet<String> paths = new TreeSet<>();
        for (String volume : names(volumes)) {
            // As the engine does before it looks whether something else is to be mounted there.
            boolean plain = volume.startsWith("/") && volume.chars().noneMatch(Character::isISOControl);
            Path path = Path.of(plain ? volume : "/").normalize();
            if (path.getNameCount() == 0
                    || KERNELS.stream().anyMatch(path::startsWith)
                    || ENGINES.contains(path.toString())) {
                throw unsuitable(name, "it declares a volume at " + Shown.quoted(volume));
            }
            paths.add(path.toString());
        }
        if (paths.size() > MAX_VOLUMES) {
            throw unsuitable(name, "it declares %d volumes, more than %d".formatted(paths.size(), MAX_VOLUMES));
        }
        return paths;
    }

    private static SortedSet<Integer> ports(JsonNode exposed) {
        SortedSet<Integer> ports = new TreeSet<>();
        for (String port : names(exposed)) {
            if (port.matches("[0-9]{1,5}(/tcp)?")) {
                ports.add(Integer.parseInt(port.replace("/tcp", "")));
            }
        }
        while (ports.size() > MAX_PORTS) {
            ports.removeLast();
        }
        return ports;
    }

    private static Set<String> names(JsonNode object) {
        Set<String> names = new TreeSet<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    /** For a name that says no digest: one of them, where there is any. */
    Optional<Digest> digest() {
        return digests.stream().findFirst();
    }

    private static ExecutorException unsuitable(ImageRef name, String saw) {
        return new ExecutorException(new Failure(
                FailureCode.IMAGE_UNSUITABLE,
                "use image " + name,
                "the container engine",
                saw,
                "Take that out of the image; nothing may lie over the root, the kernel's files or the engine's own."));
    }
}
