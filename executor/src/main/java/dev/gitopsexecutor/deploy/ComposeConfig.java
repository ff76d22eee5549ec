package dev.gitopsexecutor.deploy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.PlainText;
import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.ServiceName;
import dev.gitopsexecutor.secrets.SecretValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What Compose itself made of a release's files: the output of {@code docker compose config --format json}. */
final class ComposeConfig {
    private static final int MAX_COMPOSE = 256 * 1024;
    private static final JsonMapper JSON = new JsonMapper();

    private final JsonNode root;
    private final JsonNode services;

    private ComposeConfig(JsonNode root) {
        this.root = root;
        this.services = root.path("services");
    }

    /** Throws {@code COMPOSE_INVALID} for a text that is larger than any host should read. */
    static void requireSize(String compose, String file) {
        if (compose.length() > MAX_COMPOSE) {
            throw invalid(file, "it has more than %d characters".formatted(MAX_COMPOSE));
        }
    }

    /** Throws {@code REMOTE_COMMAND_FAILED} when the text is not what Compose prints. */
    static ComposeConfig parse(String output) {
        try {
            return new ComposeConfig(JSON.readTree(output));
        } catch (JsonProcessingException damaged) {
            // The exception's own text may hold a part of the output, and so a secret: it is dropped.
            throw new ExecutorException(new Failure(
                    FailureCode.REMOTE_COMMAND_FAILED,
                    "read the Compose configuration",
                    "docker compose config --format json",
                    "%d characters that are not JSON".formatted(output.length()),
                    "Run that command on the host and see what it prints."));
        }
    }

    /**
     * Throws {@code COMPOSE_INVALID} with every reason why these files cannot be what {@code deploy.yaml} means.
     *
     * @param paths knows which of the file's relative paths hosts have
     */
    void requireFit(DeploySpec spec, SortedMap<EnvKey, SecretValue> variables, RelativePaths paths) {
        List<String> problems = new ArrayList<>();
        for (ServiceName service : spec.services().keySet()) {
            JsonNode node = services.path(service.value());
            if (spec.jobs().contains(service)) {
                restart(node)
                        .ifPresent(policy -> problems.add(
                                ("service \"%s\" is a job with %s, which would start it again after its end; drop that, or"
                                                + " write on-failure")
                                        .formatted(service, policy)));
            }
            if (node.has("build")) {
                problems.add("service \"%s\" has build:. Hosts run released images; build and push it in a job before"
                        .formatted(service));
            }
            variables.keySet().stream()
                    .filter(key -> node.path("environment").has(key.value()))
                    .forEach(key -> problems.add(
                            "service \"%s\" sets %s itself, under environment: or env_file:, beside deploy.yaml; drop one"
                                    .formatted(service, key)));
            node.path("volumes").forEach(volume -> mount(service, volume, paths).ifPresent(problems::add));
            int count = count(node);
            if (count < 1 || (spec.jobs().contains(service) && count != 1)) {
                problems.add("service \"%s\" runs %d times; %s"
                        .formatted(
                                service,
                                count,
                                count < 1 ? "take it out of deploy.yaml when it is not to run" : "a job runs once"));
            }
        }
        for (String kind : List.of("configs", "secrets")) {
            root.path(kind)
                    .properties()
                    .forEach(entry -> paths.problem(
                                    "%s \"%s\"".formatted(kind, entry.getKey()),
                                    entry.getValue().path("file").asText())
                            .ifPresent(problems::add));
        }
        if (!problems.isEmpty()) {
            throw invalid(spec.composePath(), String.join("\n", problems));
        }
    }

    /** A release is what was proven: what it ships, no container may write to, nor lose with the release what it wrote. */
    private static Optional<String> mount(ServiceName service, JsonNode volume, RelativePaths paths) {
        String who = "service \"%s\"".formatted(service);
        String source = volume.path("source").asText();
        String target = PlainText.sentence(volume.path("target").asText());
        Optional<String> problem = paths.problem(who, source);
        return problem.isPresent() || volume.path("read_only").asBoolean() || !paths.isRelative(source)
                ? problem
                : Optional.of(
                        "%s may write to what travels with the release, at %s; mount it read-only (:ro), and keep data in a"
                                        .formatted(who, target)
                                + " named volume");
    }

    private static int count(JsonNode service) {
        return service.path("scale")
                .asInt(service.path("deploy").path("replicas").asInt(1));
    }

    /** The policy by which the engine would start a container again that ended in 0, as the file says it. */
    private static Optional<String> restart(JsonNode service) {
        String restart = service.path("restart").asText();
        if (restart.equals("always") || restart.equals("unless-stopped")) {
            return Optional.of("restart: " + restart);
        }
        String condition =
                service.path("deploy").path("restart_policy").path("condition").asText();
        return restart.isEmpty() && condition.equals("any")
                ? Optional.of("restart_policy: {condition: any}")
                : Optional.empty();
    }

    Workload workload(DeploySpec spec) {
        SortedMap<ServiceName, Integer> replicas = new TreeMap<>();
        for (ServiceName service : spec.services().keySet()) {
            int count = count(services.path(service.value()));
            if (count != 1) {
                replicas.put(service, count);
            }
        }
        return new Workload(spec.jobs(), replicas);
    }

    /** How a deploy starts the services, so that each job has ended before anything is replaced that waits for it. */
    List<StartStep> steps(DeploySpec spec) {
        Map<ServiceName, Set<ServiceName>> dependencies = new TreeMap<>();
        for (ServiceName service : spec.services().keySet()) {
            JsonNode dependsOn = services.path(service.value()).path("depends_on");
            dependencies.put(
                    service,
                    spec.services().keySet().stream()
                            .filter(other -> dependsOn.has(other.value()))
                            .collect(Collectors.toSet()));
        }
        return StartStep.of(spec.services().keySet(), spec.jobs(), dependencies);
    }

    /** Throws {@code COMPOSE_INVALID} for a service that is not among {@code known}, those of the team's own file. */
    static void requireServices(SortedMap<ServiceName, ImageRef> images, List<String> known, String file) {
        List<String> problems = images.keySet().stream()
                .map(ServiceName::value)
                .filter(service -> !known.contains(service))
                .map(service -> "deploy.yaml names the service \"%s\", the file has only %s"
                        .formatted(service, PlainText.sentence(String.join(", ", known))))
                .toList();
        if (!problems.isEmpty()) {
            throw invalid(file, String.join("\n", problems));
        }
    }

    /**
     * The keys whose value would not reach the service exactly, by service; empty is the proof that all do.
     *
     * <p>Compose prints every {@code $} doubled, so that its output is a Compose file again.
     */
    Map<ServiceName, SortedSet<String>> unfaithful(
            Iterable<ServiceName> wanted, SortedMap<EnvKey, SecretValue> variables) {
        Map<ServiceName, SortedSet<String>> found = new TreeMap<>();
        for (ServiceName service : wanted) {
            JsonNode environment = services.path(service.value()).path("environment");
            SortedSet<String> keys = variables.entrySet().stream()
                    .filter(entry -> !isExactly(environment.get(entry.getKey().value()), entry.getValue()))
                    .map(entry -> entry.getKey().value())
                    .collect(Collectors.toCollection(TreeSet::new));
            if (!keys.isEmpty()) {
                found.put(service, keys);
            }
        }
        return found;
    }

    private static boolean isExactly(@Nullable JsonNode seen, SecretValue wanted) {
        return seen != null
                && seen.isTextual()
                && SecretValue.of(seen.asText().replace("$$", "$")).equals(wanted);
    }

    static ExecutorException invalid(String file, String saw) {
        return new ExecutorException(
                new Failure(
                        FailureCode.COMPOSE_INVALID,
                        "use the Compose file",
                        file,
                        saw,
                        "Correct the file and push; nothing was changed. `docker compose config` shows the same at your desk."));
    }
}
