package dev.gitopsexecutor.deploy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gitopsexecutor.deploy.ReleaseRecord.BroughtBack;
import dev.gitopsexecutor.model.CommitSha;
import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.JobId;
import dev.gitopsexecutor.model.ProjectId;
import dev.gitopsexecutor.model.ProjectName;
import dev.gitopsexecutor.model.ReleaseId;
import dev.gitopsexecutor.model.ServiceName;
import dev.gitopsexecutor.secrets.SecretRef;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** The text of {@code release.json}, both ways. */
final class ReleaseJson {
    private static final JsonMapper JSON = new JsonMapper();

    private ReleaseJson() {}

    static String write(ReleaseRecord release) {
        ObjectNode root = JSON.createObjectNode();
        Origin origin = release.origin();
        root.put("id", release.id().value())
                .put("environment", release.environment().value())
                .put("project", release.project().value())
                .put("created", release.created().toString());
        release.verified().ifPresent(moment -> root.put("verified", moment.toString()));
        root.putObject("origin")
                .put("job", origin.job().value())
                .put("pipeline", origin.pipeline())
                .put("project_id", origin.project().value())
                .put("project_path", origin.projectPath())
                .put("sha", origin.sha().value())
                .put("user_id", origin.userId())
                .put("user", origin.userLogin());
        ObjectNode images = root.putObject("images");
        release.images().forEach((service, image) -> images.put(service.value(), image.toString()));
        CheckJson.write(release.checks(), root.putObject("checks"));
        ObjectNode secrets = root.putObject("secrets");
        release.secrets().forEach(secrets::put);
        if (!release.latest().isEmpty()) {
            ObjectNode latest = root.putObject("latest");
            release.latest().forEach((key, ref) -> latest.put(key.value(), ref.toString()));
        }
        if (!release.schema().equals(SchemaSpec.NONE)) {
            root.putObject("schema")
                    .put("version", release.schema().version())
                    .put("oldest", release.schema().oldest());
        }
        release.broughtBack()
                .ifPresent(by -> root.putObject("brought_back")
                        .put("job", by.job().value())
                        .put("pipeline", by.pipeline())
                        .put("user", by.userLogin())
                        .put("from", by.from().value()));
        ArrayNode jobs = root.putArray("jobs");
        release.workload().jobs().forEach(job -> jobs.add(job.value()));
        if (release.workload().counted()) {
            ObjectNode replicas = root.putObject("replicas");
            release.workload().replicas().forEach((service, count) -> replicas.put(service.value(), count));
        }
        release.files().ifPresent(hash -> root.put("files", hash));
        return root.toPrettyString() + "\n";
    }

    /** Empty when the text is not a whole release record. */
    static Optional<ReleaseRecord> read(String text) {
        try {
            return Optional.of(record(JSON.readTree(text)));
        } catch (JsonProcessingException | IllegalArgumentException | DateTimeException damaged) {
            return Optional.empty();
        }
    }

    private static ReleaseRecord record(JsonNode root) {
        JsonNode origin = root.path("origin");
        return new ReleaseRecord(
                new ReleaseId(root.path("id").asText()),
                new EnvironmentName(root.path("environment").asText()),
                new ProjectName(root.path("project").asText()),
                new Origin(
                        new JobId(origin.path("job").asLong()),
                        origin.path("pipeline").asLong(),
                        new ProjectId(origin.path("project_id").asLong()),
                        origin.path("project_path").asText(),
                        new CommitSha(origin.path("sha").asText()),
                        origin.path("user_id").asLong(),
                        origin.path("user").asText()),
                content(root),
                Optional.ofNullable(root.get("brought_back")).map(ReleaseJson::broughtBack),
                Instant.parse(root.path("created").asText()),
                Optional.ofNullable(root.get("verified")).map(JsonNode::asText).map(Instant::parse));
    }

    private static ReleaseContent content(JsonNode root) {
        SortedMap<ServiceName, ImageRef> images = new TreeMap<>();
        root.path("images")
                .properties()
                .forEach(entry -> images.put(
                        new ServiceName(entry.getKey()), pinned(entry.getValue().asText())));
        SortedMap<String, Long> secrets = new TreeMap<>();
        root.path("secrets")
                .properties()
                .forEach(entry -> secrets.put(entry.getKey(), entry.getValue().asLong()));
        SortedMap<EnvKey, SecretRef> latest = new TreeMap<>();
        root.path("latest")
                .properties()
                .forEach(entry -> latest.put(
                        new EnvKey(entry.getKey()),
                        SecretRef.parse(entry.getValue().asText())));
        return new ReleaseContent(
                images,
                CheckJson.read(root.path("checks")),
                secrets,
                latest,
                new SchemaSpec(
                        root.at("/schema/version").asLong(),
                        root.at("/schema/oldest").asLong()),
                workload(root),
                Optional.ofNullable(root.get("files")).map(JsonNode::asText));
    }

    /** What ran there had a digest: without one it could be anything. */
    private static ImageRef pinned(String text) {
        ImageRef image = ImageRef.parse(text);
        if (image.digest().isEmpty()) {
            throw new IllegalArgumentException(text + " has no digest");
        }
        return image;
    }

    private static BroughtBack broughtBack(JsonNode node) {
        return new BroughtBack(
                new JobId(node.path("job").asLong()),
                node.path("pipeline").asLong(),
                node.path("user").asText(),
                new ReleaseId(node.path("from").asText()));
    }

    private static Workload workload(JsonNode root) {
        SortedSet<ServiceName> jobs = new TreeSet<>();
        root.path("jobs").forEach(job -> jobs.add(new ServiceName(job.asText())));
        SortedMap<ServiceName, Integer> replicas = new TreeMap<>();
        root.path("replicas")
                .properties()
                .forEach(entry -> replicas.put(
                        new ServiceName(entry.getKey()), entry.getValue().asInt()));
        return new Workload(jobs, replicas, root.has("replicas"));
    }
}
