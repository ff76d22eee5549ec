package dev.gitopsexecutor.runner;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.model.CommitSha;
import dev.gitopsexecutor.model.JobId;
import dev.gitopsexecutor.model.ProjectId;
import dev.gitopsexecutor.model.RegistryLogin;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * The job as GitLab sent it: the one source of facts about who is asking that the job's author cannot write to.
 *
 * <p>Holds the job's token and its variables; prints as the job's id alone. Fields that only newer runners or GitLabs
 * send are optional, unknown ones are ignored.
 */
public final class JobResponse {
    private static final int MAX_BYTES = 16 * 1024 * 1024;
    private static final Duration DEFAULT_TIMEOUT = Duration.ofHours(2);

    private final JobId id;
    private final String token;
    private final JobFacts job;
    private final GitFacts git;
    private final Duration timeout;
    private final Optional<String> image;
    private final List<Service> services;
    private final boolean cache;
    private final List<Artifact> artifacts;
    private final List<Variable> variables;
    private final List<RegistryLogin> logins;
    private final List<String> otherSecrets;

    private record JobFacts(Optional<String> name, ProjectId projectId, OptionalLong pipelineId, OptionalLong userId) {}

    private record GitFacts(
            ProjectPath project,
            Optional<URI> repository,
            String ref,
            String refType,
            CommitSha sha,
            Optional<Boolean> isProtected) {}

    private record Variable(String key, String value, boolean masked) {}

    private JobResponse(JsonObject root) {
        id = root.required("id", it -> new JobId(it.requiredNumber("id")));
        token = root.requiredLine("token");
        JsonObject info = root.requiredObject("job_info");
        job = new JobFacts(
                info.line("name"),
                info.required("project_id", it -> new ProjectId(it.requiredNumber("project_id"))),
                info.id("pipeline_id"),
                info.id("user_id"));
        git = git(root.requiredObject("git_info"), job.projectId());
        timeout = root.object("runner_info").map(JobResponse::timeout).orElse(DEFAULT_TIMEOUT);
        image = root.object("image").flatMap(it -> it.line("name")).filter(name -> !name.isEmpty());
        services = root.objects("services").stream().map(Service::of).toList();
        cache = !root.objects("cache").isEmpty();
        artifacts = root.objects("artifacts").stream().map(Artifact::of).toList();
        variables = root.objects("variables").stream()
                .map(it -> new Variable(
                        it.requiredText("key"),
                        it.text("value").orElse(""),
                        it.flag("masked").orElse(false)))
                .toList();
        logins = root.objects("credentials").stream()
                .filter(it -> it.text("type").orElse("").equals("registry"))
                .map(JobResponse::login)
                .toList();
        otherSecrets = Stream.concat(
                        root.objects("credentials").stream().map(it -> it.text("password")),
                        root.objects("dependencies").stream().map(it -> it.text("token")))
                .flatMap(Optional::stream)
                .toList();
    }

    /** Reads the file that the runner names in {@code JOB_RESPONSE_FILE}. */
    public static JobResponse read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] document = in.readNBytes(MAX_BYTES + 1);
            if (document.length > MAX_BYTES) {
                throw new IllegalArgumentException("the file is larger than %d bytes".formatted(MAX_BYTES));
            }
            return new JobResponse(JsonTree.read(document));
        } catch (IOException unreadable) {
            throw invalid(file, unreadable.toString());
        } catch (IllegalArgumentException refused) {
            throw invalid(file, String.valueOf(refused.getMessage()));
        }
    }

    public JobId id() {
        return id;
    }

    /** {@code CI_JOB_TOKEN}, to ask GitLab as the job; a secret. */
    public String revealToken() {
        return token;
    }

    public ProjectId projectId() {
        return job.projectId();
    }

    /** As the pipeline's YAML calls the job. */
    public Optional<String> name() {
        return job.name();
    }

    /** Empty from an older runner. */
    public OptionalLong pipelineId() {
        return job.pipelineId();
    }

    /** Who started the job; empty from an older runner. */
    public OptionalLong userId() {
        return job.userId();
    }

    /** From where the job's containers clone, without the login in it; empty when GitLab gave no URL for HTTP. */
    public Optional<URI> repository() {
        return git.repository();
    }

    /** A branch or tag without {@code refs/heads/}, or a full ref for a merge request. */
    public String ref() {
        return git.ref();
    }

    /** {@code branch} or {@code tag}; an empty text when GitLab did not say. */
    public String refType() {
        return git.refType();
    }

    public CommitSha sha() {
        return git.sha();
    }

    /** Empty when GitLab or the runner is too old to say, which is no proof of anything. */
    public Optional<Boolean> refProtected() {
        return git.isProtected();
    }

    /** How long the runner lets the job run. */
    public Duration timeout() {
        return timeout;
    }

    /** Every value that the list of variables holds under {@code key}, in its order: the author can add to it. */
    public List<String> variableValues(String key) {
        return variables.stream()
                .filter(variable -> variable.key().equals(key))
                .map(Variable::value)
                .toList();
    }

    /** The job's {@code image:} as the author wrote it. */
    public Optional<String> image() {
        return image;
    }

    public List<Service> services() {
        return services;
    }

    public boolean hasCache() {
        return cache;
    }

    /**
     * Whether the runner uploads the file at {@code path}, below the project's directory, to where GitLab shows single files;
     * not when that depends on job variables.
     */
    public boolean keeps(String path, boolean isGreen) {
        return artifacts.stream().anyMatch(artifact -> artifact.keeps(Path.of(path), isGreen));
    }

    /** What GitLab gave the job for {@code registryHost} (host and port as in an image reference). */
    public Optional<RegistryLogin> registryLogin(String registryHost) {
        return logins.stream()
                .filter(login -> login.registry().equals(registryHost))
                .findFirst();
    }

    /** Every secret of this response, for the masker. */
    public List<String> maskedValues() {
        Stream<String> masked = variables.stream().filter(Variable::masked).map(Variable::value);
        return Stream.of(Stream.of(token), masked, otherSecrets.stream())
                .flatMap(values -> values)
                .filter(value -> !value.isBlank())
                .distinct()
                .toList();
    }

    /** Where the runner puts the checkout when {@code builds_dir_is_shared} is false. */
    public Path projectDirectory(String buildsDir) {
        return git.project().below(Path.of(buildsDir));
    }

    @Override
    public String toString() {
        return "JobResponse[id=%s]".formatted(id);
    }

    private static GitFacts git(JsonObject git, ProjectId project) {
        String refType = git.line("ref_type").orElse("");
        return new GitFacts(
                ProjectPath.of(git.requiredText("repo_url"), project),
                withoutLogin(git.requiredText("repo_url")),
                git.requiredLine("ref"),
                refType,
                git.required("sha", it -> new CommitSha(it.requiredLine("sha"))),
                git.flag("protected"));
    }

    private static Optional<URI> withoutLogin(String url) {
        try {
            URI parsed = new URI(url);
            boolean http = "http".equals(parsed.getScheme()) || "https".equals(parsed.getScheme());
            return http && parsed.getHost() != null
                    ? Optional.of(new URI(
                            parsed.getScheme(), null, parsed.getHost(), parsed.getPort(), parsed.getPath(), null, null))
                    : Optional.empty();
        } catch (URISyntaxException unreadable) {
            return Optional.empty();
        }
    }

    private static Duration timeout(JsonObject runner) {
        long seconds = runner.number("timeout").orElse(0);
        if (seconds < 0 || seconds > Integer.MAX_VALUE) {
            throw runner.refused("timeout", "is not a number of seconds");
        }
        return seconds == 0 ? DEFAULT_TIMEOUT : Duration.ofSeconds(seconds);
    }

    private static RegistryLogin login(JsonObject credentials) {
        String url = credentials.line("url").orElse("");
        String host = url.replaceFirst("^https?://", "").replaceFirst("/.*$", "");
        return new RegistryLogin(
                host,
                credentials.text("username").orElse(""),
                credentials.text("password").orElse(""));
    }

    /** Has no cause: a library's own text may quote the document, which is full of secrets. */
    private static ExecutorException invalid(Path file, String saw) {
        return new ExecutorException(new Failure(
                FailureCode.JOB_RESPONSE_INVALID,
                "read the job response",
                file.toString(),
                saw,
                "See that a GitLab Runner of 17.0 or newer starts this program as its custom executor."));
    }
}
