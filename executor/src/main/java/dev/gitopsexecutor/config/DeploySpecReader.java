package dev.gitopsexecutor.config;

import dev.gitopsexecutor.checks.SmokeSpec;
import dev.gitopsexecutor.deploy.CheckSpec;
import dev.gitopsexecutor.deploy.DeploySpec;
import dev.gitopsexecutor.deploy.EnvironmentSpec;
import dev.gitopsexecutor.deploy.SchemaSpec;
import dev.gitopsexecutor.deploy.ShippedFiles;
import dev.gitopsexecutor.deploy.VersionSpec;
import dev.gitopsexecutor.model.CommitSha;
import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.ProjectName;
import dev.gitopsexecutor.model.ServiceName;
import dev.gitopsexecutor.secrets.SecretRef;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Makes a {@link DeploySpec} of its file. */
final class DeploySpecReader {
    private static final int MOST_SERVICES = 100;
    private static final Duration DEFAULT_DEADLINE = Duration.ofSeconds(60);
    private static final Pattern RELATIVE = Pattern.compile("[A-Za-z0-9._@+-]+(?:/[A-Za-z0-9._@+-]+)*");
    static final Pattern POINTER = Pattern.compile("(?:/(?:[^~/\\p{Cntrl}]|~[01])*)*");
    private static final Pattern STEERING = Pattern.compile("(?:COMPOSE|DOCKER)_.*");

    /** As far as every reader of JSON counts exactly: times as numbers are schemas too. */
    private static final YamlType<Long> SCHEMA = YamlType.integer(0, (1L << 53) - 1);

    private final CommitSha commit;

    DeploySpecReader(CommitSha commit) {
        this.commit = commit;
    }

    Optional<DeploySpec> read(YamlMap root) {
        int before = root.problems().count();
        var _ = root.required("version", ExecutorConfigReader.VERSION);
        Optional<String> compose = root.required("compose", YamlType.text(DeploySpecReader::repositoryPath));
        Optional<ProjectName> project = root.required("project", YamlType.text(ProjectName::new));
        NavigableMap<ServiceName, ImageRef> services = new TreeMap<>();
        SortedSet<ServiceName> jobs = new TreeSet<>();
        var _ = root.requiredMap("services", map -> services(root, map, services, jobs));
        NavigableSet<ServiceName> staying = new TreeSet<>(services.keySet());
        staying.removeAll(jobs);
        SortedMap<EnvironmentName, EnvironmentSpec> environments = new TreeMap<>();
        var _ = root.requiredMap("environments", map -> environments(root, map, environments));
        Optional<Checks> checks = root.requiredMap("checks", map -> checks(map, staying, environments));
        SchemaSpec schema = root.optionalMap("schema", DeploySpecReader::schema).orElse(SchemaSpec.NONE);
        List<String> files = files(root, compose);
        root.end();
        return root.problems()
                .ifNoneSince(
                        before,
                        () -> new DeploySpec(
                                compose.orElseThrow(),
                                project.orElseThrow(),
                                services,
                                environments,
                                checks.orElseThrow().spec(),
                                checks.orElseThrow().publicPath(),
                                schema,
                                jobs,
                                files));
    }

    private Optional<YamlMap> services(
            YamlMap root, YamlMap map, NavigableMap<ServiceName, ImageRef> services, SortedSet<ServiceName> jobs) {
        if (map.isEmpty()) {
            root.problem("services", "there is no service to deploy; write at least one");
        }
        if (map.size() > MOST_SERVICES) {
            root.problem("services", "%d are too many; write at most %d".formatted(map.size(), MOST_SERVICES));
            return Optional.of(map);
        }
        map.eachMap(ServiceName::new, (name, service) -> {
            service.required("image", YamlType.text(this::image)).ifPresent(image -> services.put(name, image));
            if (service.optional("job", YamlType.BOOLEAN, false)) {
                jobs.add(name);
            }
            service.end();
        });
        if (!map.isEmpty() && jobs.size() == map.size()) {
            root.problem("services", "all are jobs; at least one must stay, to be asked for its health");
        }
        return Optional.of(map);
    }

    private static Optional<YamlMap> environments(
            YamlMap root, YamlMap map, SortedMap<EnvironmentName, EnvironmentSpec> environments) {
        if (map.isEmpty()) {
            root.problem("environments", "there is no environment to deploy to; write at least one");
        }
        map.eachMap(EnvironmentName::new, (name, environment) -> environments.put(name, environment(environment)));
        return Optional.of(map);
    }

    private static EnvironmentSpec environment(YamlMap map) {
        NavigableMap<EnvKey, String> values = new TreeMap<>();
        NavigableMap<EnvKey, SecretRef> secrets = new TreeMap<>();
        var _ = map.optionalMap("values", entries -> {
            entries.eachValue(DeploySpecReader::variable, YamlType.AS_WRITTEN, values::put);
            return Optional.of(entries);
        });
        var _ = map.optionalMap("secrets", entries -> {
            entries.eachValue(DeploySpecReader::variable, YamlType.text(SecretRef::parse), (key, secret) -> {
                secrets.put(key, secret);
                if (values.containsKey(key)) {
                    entries.problem(key.value(), "stands under `values` too; keep one");
                }
            });
            return Optional.of(entries);
        });
        List<EnvKey> without = map.optionalList("without", YamlType.text(DeploySpecReader::variable), List.of());
        without.stream()
                .filter(key -> values.containsKey(key) || secrets.containsKey(key))
                .forEach(key ->
                        map.problem("without", "%s stands under `values` or `secrets` too; keep one".formatted(key)));
        List<EnvKey> latest =
                map.optionalList("latest_on_rollback", YamlType.text(DeploySpecReader::variable), List.of());
        latest.stream()
                .filter(key -> !secrets.containsKey(key))
                .forEach(key -> map.problem("latest_on_rollback", "%s stands not under `secrets`".formatted(key)));
        latest.stream()
                .map(secrets::get)
                .filter(ref -> ref != null && ref.version().isPresent())
                .forEach(ref -> map.problem(
                        "latest_on_rollback", "%s names a version, which never changes; leave one out".formatted(ref)));
        Optional<URI> url = map.optional("url", Texts.publicUrl());
        map.end();
        return new EnvironmentSpec(values, secrets, new TreeSet<>(without), new TreeSet<>(latest), url);
    }

    private static Optional<SchemaSpec> schema(YamlMap map) {
        int before = map.problems().count();
        Optional<Long> version = map.required("version", SCHEMA);
        Optional<Long> oldest = map.required("oldest", SCHEMA);
        if (version.isPresent() && oldest.isPresent() && oldest.get() > version.get()) {
            map.problem("oldest", "%d is more than version, %d".formatted(oldest.get(), version.get()));
        }
        map.end();
        return map.problems().ifNoneSince(before, () -> new SchemaSpec(version.orElseThrow(), oldest.orElseThrow()));
    }

    /** Paths of the repository, of which {@code compose} is one. */
    private static List<String> files(YamlMap root, Optional<String> compose) {
        List<String> files = root.optionalList("files", YamlType.text(DeploySpecReader::repositoryPath), List.of());
        if (files.size() > ShippedFiles.MOST) {
            root.problem("files", "%d are too many; write at most %d".formatted(files.size(), ShippedFiles.MOST));
        }
        String directory = compose.map(DeploySpec::directory).orElse("");
        files.stream()
                .filter(file -> !file.startsWith(directory))
                .forEach(file -> root.problem(
                        "files",
                        "\"%s\" is not below \"%s\", where the Compose file is; move it there"
                                .formatted(file, directory)));
        return files;
    }

    /** @param publicPath of the health below a public URL */
    private record Checks(CheckSpec spec, String publicPath) {}

    private static Optional<Checks> checks(
            YamlMap map, NavigableSet<ServiceName> services, SortedMap<EnvironmentName, EnvironmentSpec> environments) {
        int before = map.problems().count();
        Optional<Health> health = map.requiredMap("health", DeploySpecReader::health);
        Optional<VersionSpec> version = map.optionalMap("version", entries -> version(entries, services));
        List<SmokeSpec> smoke = new SmokeReader(services, environments).read(map);
        Duration stability =
                map.optional("stability", Texts.duration(Duration.ZERO, Duration.ofMinutes(10)), CheckSpec.STABILITY);
        map.end();
        return map.problems()
                .ifNoneSince(
                        before,
                        () -> new Checks(
                                new CheckSpec(
                                        health.orElseThrow().url(),
                                        health.orElseThrow().deadline(),
                                        version,
                                        Optional.empty(),
                                        smoke,
                                        stability),
                                health.orElseThrow().publicPath()));
    }

    private record Health(URI url, Duration deadline, Optional<String> path) {
        String publicPath() {
            return path.orElseGet(() -> CheckSpec.path(url));
        }
    }

    private static Optional<Health> health(YamlMap map) {
        int before = map.problems().count();
        Optional<URI> url = map.required("url", Texts.healthUrl());
        Duration deadline =
                map.optional("deadline", Texts.duration(Duration.ofSeconds(1), Duration.ofHours(1)), DEFAULT_DEADLINE);
        Optional<String> path = map.optional("public_path", SmokeReader.PATH);
        map.end();
        return map.problems().ifNoneSince(before, () -> new Health(url.orElseThrow(), deadline, path));
    }

    /** {@code services} are those that stay. */
    private static Optional<VersionSpec> version(YamlMap map, NavigableSet<ServiceName> services) {
        int before = map.problems().count();
        Optional<String> pointer = map.required(
                "pointer", Texts.matching(POINTER, "a JSON pointer, such as /version; ~ is ~0 and / is ~1 in a name"));
        Optional<ServiceName> named = map.optional("service", YamlType.text(ServiceName::new));
        named.filter(service -> !services.contains(service) && !services.isEmpty())
                .ifPresent(_ -> map.problem("service", "is not one of the services above that stay"));
        if (named.isEmpty() && services.size() > 1) {
            map.problem("service", "missing; with several services, name the one whose tag is compared");
        }
        boolean required = map.optional("required", YamlType.BOOLEAN, true);
        map.end();
        return services.isEmpty()
                ? Optional.empty()
                : map.problems()
                        .ifNoneSince(
                                before,
                                () -> new VersionSpec(
                                        pointer.orElseThrow(), named.orElseGet(services::first), required));
    }

    private ImageRef image(String text) {
        String filled = text.replace("{commit}", commit.value()).replace("{commit_short}", commit.abbreviated());
        if (filled.contains("{") || filled.contains("}")) {
            throw new IllegalArgumentException("write {commit} or {commit_short}; other placeholders are not known");
        }
        ImageRef image = ImageRef.parse(filled);
        if (image.tag().isEmpty()) {
            throw new IllegalArgumentException("write the tag too, such as :{commit_short}");
        }
        return image;
    }

    private static EnvKey variable(String text) {
        EnvKey key = new EnvKey(text);
        if (STEERING.matcher(text).matches()) {
            throw new IllegalArgumentException("COMPOSE_* and DOCKER_* would steer Compose itself; use another name");
        }
        return key;
    }

    private static String repositoryPath(String text) {
        if (!RELATIVE.matcher(text).matches()
                || text.startsWith("..")
                || !Path.of(text).normalize().toString().equals(text)) {
            throw new IllegalArgumentException("write a path within the repository, such as compose.yaml");
        }
        return text;
    }
}
