package dev.gitopsexecutor.deploy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.PlainText;
import dev.gitopsexecutor.model.CommitSha;
import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.ProjectId;
import dev.gitopsexecutor.model.ProjectName;
import dev.gitopsexecutor.model.ReleaseId;
import dev.gitopsexecutor.model.ServiceName;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What {@code state.sh} tells of a host.
 *
 * @param current what the link names, whether or not such a release is there
 * @param releases whose records are whole, the oldest first
 * @param currentFiles SHA-256 of the current release's files by name
 * @param failed commits that were taken back
 * @param schema how far the database is
 */
record HostState(
        Optional<String> current,
        List<ReleaseRecord> releases,
        Optional<HighWater> highWater,
        Map<String, String> currentFiles,
        List<ContainerState> containers,
        List<FailedMark> failed,
        SchemaMark schema,
        ImageStock images) {
    private static final JsonMapper JSON = new JsonMapper();

    private static final int LONGEST_TIME = 60;

    HostState {
        releases = releases.stream()
                .sorted(Comparator.comparing(release -> release.id().value()))
                .toList();
        currentFiles = Map.copyOf(currentFiles);
        containers = List.copyOf(containers);
        failed = List.copyOf(failed);
    }

    /** Lines that make no sense are left out: a host may lie, and then it has no release to go back to. */
    static HostState parse(String output) {
        Optional<String> current = Optional.empty();
        Optional<HighWater> highWater = Optional.empty();
        List<ReleaseRecord> releases = new ArrayList<>();
        Map<String, String> files = new HashMap<>();
        List<FailedMark> failed = new ArrayList<>();
        SchemaMark schema = SchemaMark.NONE;
        for (String line : output.lines().toList()) {
            List<String> words = List.of(line.split(" ", 3));
            String value = words.size() > 1 ? words.get(1) : "";
            switch (words.getFirst()) {
                case "current" ->
                    current = Optional.of(PlainText.sentence(value)).filter(name -> !name.isEmpty());
                case "release" ->
                    Base64Text.decode(value).flatMap(ReleaseJson::read).ifPresent(releases::add);
                case "high-water" ->
                    highWater =
                            Optional.of(HighWater.parse(Base64Text.decode(value).orElse("")));
                case "failed" -> failed(value, words.getLast()).ifPresent(failed::add);
                case "schema" ->
                    schema = SchemaMark.parse(Base64Text.decode(value).orElse(""));
                case "file" -> files.put(value, words.getLast());
                default -> {}
            }
        }
        return new HostState(
                current, releases, highWater, files, containers(output), failed, schema, ImageStock.parse(output));
    }

    /** Of the output of {@code state.sh} or {@code containers.sh}. */
    static List<ContainerState> containers(String output) {
        Map<String, List<String>> digests = new HashMap<>();
        List<JsonNode> nodes = new ArrayList<>();
        Optional<Instant> now = Optional.empty();
        for (String line : output.lines().toList()) {
            if (line.startsWith("image ")) {
                json(line.substring("image ".length())).ifPresent(image -> {
                    List<String> names = new ArrayList<>();
                    image.path("digests").forEach(digest -> names.add(digest.asText()));
                    digests.put(image.path("id").asText(), names);
                });
            } else if (line.startsWith("container ")) {
                json(line.substring("container ".length())).ifPresent(nodes::add);
            } else if (line.startsWith("now ") && line.length() < LONGEST_TIME) {
                // A date(1) that knows no nanoseconds leaves the letter there.
                now = instant(line.substring("now ".length()).replaceFirst("\\.\\D*Z$", "Z"));
            }
        }
        Optional<Instant> hostTime = now;
        return nodes.stream()
                .map(node -> container(
                        node, hostTime, digests.getOrDefault(node.path("image").asText(), List.of())))
                .toList();
    }

    /** What each host's link names, where it names anything. */
    static Map<HostName, Optional<String>> currents(Map<HostName, HostState> states) {
        Map<HostName, Optional<String>> currents = new LinkedHashMap<>();
        states.forEach((host, state) -> currents.put(host, state.current));
        return currents;
    }

    Optional<ReleaseRecord> release(ReleaseId id) {
        return releases.stream().filter(release -> release.id().equals(id)).findFirst();
    }

    Optional<ReleaseRecord> currentRelease() {
        return releases.stream()
                .filter(release -> current.filter(release.id().value()::equals).isPresent())
                .findFirst();
    }

    /** What a failed deploy goes back to: the current release, or the one that was verified last if that was cut off. */
    Optional<ReleaseRecord> lastVerified() {
        Optional<ReleaseRecord> now =
                currentRelease().filter(release -> release.verified().isPresent());
        return now.isPresent()
                ? now
                : releases.stream()
                        .filter(release -> release.verified().isPresent())
                        .max(ReleaseRecord.BY_PROOF);
    }

    /**
     * Throws {@code HOST_UNSUITABLE} when somebody else deploys to this directory: the way back would lead to their
     * release.
     */
    void requireReleasesOf(ProjectId project, ProjectName composeProject, EnvironmentName environment, String place) {
        List<String> foreign = foreign(List.of(project), composeProject, environment)
                .map(release -> "release %s is of project %s (id %s), Compose project \"%s\", environment \"%s\""
                        .formatted(
                                release.id(),
                                PlainText.sentence(release.origin().projectPath()),
                                release.origin().project(),
                                release.project(),
                                release.environment()))
                .toList();
        if (!foreign.isEmpty()) {
            throw new ExecutorException(new Failure(
                    FailureCode.HOST_UNSUITABLE,
                    "deploy beside somebody else's releases",
                    place,
                    String.join("\n", foreign),
                    "Give each project and environment a directory of its own in policy.yaml; nothing was changed."));
        }
    }

    /** Those to which a deploy could lead back, of another project, Compose project or environment than these. */
    Stream<ReleaseRecord> foreign(
            Collection<ProjectId> projects, ProjectName composeProject, EnvironmentName environment) {
        return Stream.concat(currentRelease().stream(), lastVerified().stream())
                .distinct()
                .filter(release -> !projects.contains(release.origin().project())
                        || !release.project().equals(composeProject)
                        || !release.environment().equals(environment));
    }

    /**
     * Whether the wanted release is here already, byte for byte, verified by the same checks and with the same to be known
     * for a rollback, and is what runs. Its jobs have ended; whether their containers are still there is all the same.
     */
    boolean isAlready(Release wanted) {
        return isAlready(WantedRelease.of(wanted));
    }

    /** The same, as far as the wanted release is known. */
    boolean isAlready(WantedRelease wanted) {
        return hasFilesOf(wanted)
                && currentRelease()
                        .filter(current -> current.verified().isPresent())
                        .filter(current -> wanted.differences(current).isEmpty())
                        .filter(current -> isRunning(current.staying(), current.workload()))
                        .isPresent();
    }

    /** Whether the current release has those files of the wanted one whose content is known. */
    boolean hasFilesOf(WantedRelease wanted) {
        return currentFiles.entrySet().containsAll(wanted.files().entrySet());
    }

    /** Whether every service runs, as often as it shall, and with exactly that image. */
    private boolean isRunning(Map<ServiceName, ImageRef> images, Workload workload) {
        return images.entrySet().stream().allMatch(entry -> isRunning(entry.getKey(), entry.getValue(), workload));
    }

    /** When and why the commit was last taken back here, if it was. */
    Optional<FailedMark> failureOf(CommitSha sha) {
        return failed.stream().filter(mark -> mark.sha().equals(sha)).max(Comparator.comparing(FailedMark::time));
    }

    /** @param rest seconds since 1970, a space, the evidence */
    private static Optional<FailedMark> failed(String encodedRecord, String rest) {
        String[] words = rest.split(" ", 2);
        return Base64Text.decode(encodedRecord)
                .flatMap(ReleaseJson::read)
                .filter(_ -> words[0].matches("[0-9]{1,10}"))
                .map(release -> FailedMark.of(
                        release,
                        Instant.ofEpochSecond(Long.parseLong(words[0])),
                        Base64Text.decode(words[words.length - 1]).orElse("")));
    }

    private boolean isRunning(ServiceName service, ImageRef image, Workload workload) {
        List<ContainerState> replicas = containers.stream()
                .filter(container -> container.service().equals(service.value()))
                .toList();
        return workload.fits(service, replicas.size())
                && replicas.stream()
                        .allMatch(container -> container.status().equals("running") && container.runs(image));
    }

    private static ContainerState container(JsonNode node, Optional<Instant> now, List<String> digests) {
        JsonNode state = node.path("state");
        Optional<Instant> started = instant(state.path("StartedAt").asText());
        Duration age = now.flatMap(end -> started.map(start -> Duration.between(start, end)))
                .orElse(Duration.ZERO);
        return new ContainerState(
                node.path("id").asText(),
                node.path("name").asText().replaceFirst("^/", ""),
                node.path("service").asText(),
                state.path("Status").asText(),
                state.path("ExitCode").asInt(),
                state.path("OOMKilled").asBoolean(),
                node.path("restarts").asInt(),
                age,
                state.path("Health").path("Status").asText(),
                digests,
                ports(node.path("ports")));
    }

    /** Of {@code {"8080/tcp": [{"HostIp": "0.0.0.0", "HostPort": "80"}], "9090/tcp": null}}. */
    private static Set<Integer> ports(JsonNode bindings) {
        Set<Integer> ports = new HashSet<>();
        bindings.forEach(
                binding -> binding.forEach(at -> ports.add(at.path("HostPort").asInt())));
        return ports;
    }

    private static Optional<Instant> instant(String text) {
        try {
            return Optional.of(Instant.parse(text));
        } catch (DateTimeException damaged) {
            return Optional.empty();
        }
    }

    private static Optional<JsonNode> json(String text) {
        try {
            return Optional.of(JSON.readTree(text));
        } catch (JsonProcessingException damaged) {
            return Optional.empty();
        }
    }
}
