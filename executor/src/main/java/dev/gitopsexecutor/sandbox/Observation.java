package dev.gitopsexecutor.sandbox;

import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.model.HostConfig;
import dev.gitopsexecutor.model.Role;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** What a script in a container sees and may do, as {@code probe.sh} printed it, and what the engine says of it. */
final class Observation {
    private final Role role;
    private final Map<String, List<String>> sections;
    private final InspectContainerResponse container;
    private final EngineFeatures features;
    private final SandboxSettings settings;
    private final Set<String> machineNamespaces;

    /** {@code machineNamespaces} are this process's, in the kernel's form: {@code net:[4026531840]}. */
    Observation(
            Role role,
            String printed,
            InspectContainerResponse container,
            EngineFeatures features,
            SandboxSettings settings,
            Set<String> machineNamespaces) {
        this.role = role;
        this.sections = sections(printed);
        this.container = container;
        this.features = features;
        this.settings = settings;
        this.machineNamespaces = Set.copyOf(machineNamespaces);
    }

    private static Map<String, List<String>> sections(String printed) {
        Map<String, List<String>> sections = new LinkedHashMap<>();
        List<String> current = new ArrayList<>();
        for (String line : printed.lines().toList()) {
            if (line.startsWith("== ")) {
                current = sections.computeIfAbsent(line.substring(3), _ -> new ArrayList<>());
            } else {
                current.add(line.strip());
            }
        }
        return sections;
    }

    Role role() {
        return role;
    }

    EngineFeatures features() {
        return features;
    }

    SandboxSettings settings() {
        return settings;
    }

    Set<String> machineNamespaces() {
        return machineNamespaces;
    }

    /** The section's lines; none when the image lacks what it takes to look. */
    List<String> lines(String section) {
        return sections.getOrDefault(section, List.of());
    }

    boolean has(String section) {
        return sections.containsKey(section);
    }

    /** The section's first line; {@code unknown} when there is none. */
    String line(String section) {
        return lines(section).stream().findFirst().orElse("unknown");
    }

    /** Whether an attempt was made and came to nothing. */
    boolean refused(String attempt) {
        return line(attempt).equals("refused");
    }

    /** From {@code /proc/self/status}. */
    String status(String field) {
        return lines("status").stream()
                .filter(line -> line.startsWith(field + ":"))
                .map(line -> line.substring(field.length() + 1).strip())
                .findFirst()
                .orElse("unknown");
    }

    /** Soft and hard, from {@code /proc/self/limits}. */
    String limit(String name) {
        return lines("limits").stream()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(name.length()).strip().split("\\s+"))
                .filter(words -> words.length >= 2)
                .map(words -> words[0] + " " + words[1])
                .findFirst()
                .orElse("unknown");
    }

    /** Where it is, with its options, and of what; empty when nothing is mounted there. */
    Optional<MountPoint> mount(String path) {
        return mounts().stream().filter(mount -> mount.path().equals(path)).reduce((_, last) -> last);
    }

    /** As the kernel lists them. */
    List<MountPoint> mounts() {
        return lines("mounts").stream()
                .map(MountPoint::parse)
                .flatMap(Optional::stream)
                .toList();
    }

    HostConfig host() {
        return Objects.requireNonNull(container.getHostConfig());
    }

    Map<String, String> labels() {
        Map<String, String> labels =
                Objects.requireNonNull(container.getConfig()).getLabels();
        return labels == null ? Map.of() : labels;
    }

    /**
     * One line of {@code /proc/self/mountinfo}.
     *
     * @param source within its file system
     */
    record MountPoint(String source, String path, List<String> options, String type) {
        static Optional<MountPoint> parse(String line) {
            String[] halves = line.split(" - ", 2);
            String[] words = halves[0].split(" ", -1);
            if (halves.length < 2 || words.length < 6) {
                return Optional.empty();
            }
            return Optional.of(new MountPoint(
                    words[3],
                    words[4],
                    List.of(words[5].split(",", -1)),
                    halves[1].split(" ", -1)[0]));
        }
    }
}
