package dev.gitopsexecutor.testbed;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What GitLab's API says of jobs, as far as an executor asks. */
public final class JobApi {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PROJECT = "/api/v4/projects/" + ShopRepository.PROJECT_ID;

    private final Map<String, RunnerJob> jobs = new ConcurrentHashMap<>();
    private final Map<Long, String> statuses = new ConcurrentHashMap<>();
    private final Map<Long, Integer> pendingApprovals = new ConcurrentHashMap<>();
    private final Set<Long> byHand = ConcurrentHashMap.newKeySet();
    private final Set<String> unprotected = ConcurrentHashMap.newKeySet();
    private final Set<String> protectedEnvironments = ConcurrentHashMap.newKeySet();
    private final String accessToken;

    JobApi(String accessToken) {
        this.accessToken = accessToken;
    }

    /** What it answers. */
    record Answer(int status, Object body) {}

    /** From now on it knows the job by its token. */
    void register(RunnerJob job) {
        jobs.put(job.origin().token(), job);
    }

    /** Somebody presses its button. */
    public void startByHand(RunnerJob job) {
        byHand.add(job.origin().id());
    }

    /** In GitLab's words; {@code running} when not said. */
    public void setStatus(RunnerJob job, String status) {
        statuses.put(job.origin().id(), status);
    }

    public void setPendingApprovals(RunnerJob job, int count) {
        pendingApprovals.put(job.origin().id(), count);
    }

    /** Whatever it was when the job was made. */
    public void unprotect(String branch) {
        unprotected.add(branch);
    }

    public void protectEnvironment(String name) {
        protectedEnvironments.add(name);
    }

    /** Empty when the path is none of this API. */
    Optional<Answer> answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getRawPath();
        if (path.equals("/api/v4/job")) {
            return Optional.of(asJob(exchange).map(JobApi.this::job).orElseGet(JobApi::unauthorized));
        }
        if (path.equals(PROJECT + "/deployments")) {
            return Optional.of(asJob(exchange).map(this::deployments).orElseGet(JobApi::unauthorized));
        }
        if (path.startsWith(PROJECT + "/repository/branches/")) {
            return Optional.of(asExecutor(exchange) ? branch(last(path)) : unauthorized());
        }
        if (path.startsWith(PROJECT + "/protected_environments/")) {
            return Optional.of(asExecutor(exchange) ? environment(last(path)) : unauthorized());
        }
        if (path.equals("/api/graphql")) {
            return Optional.of(asExecutor(exchange) ? manualJobs(exchange) : unauthorized());
        }
        return Optional.empty();
    }

    private Optional<RunnerJob> asJob(HttpExchange exchange) {
        String token = exchange.getRequestHeaders().getFirst("JOB-TOKEN");
        return Optional.ofNullable(token).map(jobs::get);
    }

    private boolean asExecutor(HttpExchange exchange) {
        return ("Bearer " + accessToken).equals(exchange.getRequestHeaders().getFirst("Authorization"));
    }

    private static Answer unauthorized() {
        return new Answer(401, Map.of("message", "401 Unauthorized"));
    }

    private Answer job(RunnerJob job) {
        return new Answer(
                200,
                Map.of(
                        "id",
                        job.origin().id(),
                        "status",
                        statuses.getOrDefault(job.origin().id(), "running"),
                        "stage",
                        "deploy",
                        "name",
                        "deploy",
                        "ref",
                        job.source().branch(),
                        "tag",
                        false,
                        "user",
                        Map.of(
                                "id",
                                job.origin().user().id(),
                                "username",
                                job.origin().user().login()),
                        "commit",
                        Map.of("id", job.source().sha()),
                        "pipeline",
                        Map.of(
                                "id", job.origin().pipelineId(),
                                "project_id", job.source().project().id(),
                                "sha", job.source().sha()),
                        "runner",
                        Map.of("id", IdToken.RUNNER_ID, "runner_type", "project_type")));
    }

    /** Of another job first, as there may be. */
    private Answer deployments(RunnerJob job) {
        return new Answer(
                200,
                job.deployment()
                        .map(deployment -> List.of(
                                deployment(
                                        1,
                                        deployment.environment(),
                                        job.source().sha(),
                                        0),
                                deployment(
                                        job.origin().id(),
                                        deployment.environment(),
                                        job.source().sha(),
                                        pendingApprovals.getOrDefault(
                                                job.origin().id(), 0))))
                        .orElse(List.of()));
    }

    private static Map<String, Object> deployment(long job, String environment, String sha, int pending) {
        return Map.of(
                "id",
                job + 1_000_000,
                "status",
                "running",
                "sha",
                sha,
                "environment",
                Map.of("id", 1, "name", environment),
                "deployable",
                Map.of("id", job),
                "pending_approval_count",
                pending);
    }

    private Answer branch(String name) {
        return new Answer(200, Map.of("name", name, "protected", !unprotected.contains(name)));
    }

    private Answer environment(String name) {
        return protectedEnvironments.contains(name)
                ? new Answer(200, Map.of("name", name))
                : new Answer(404, Map.of("message", "404 Not found"));
    }

    /** Two pages, the job being on the second. */
    private Answer manualJobs(HttpExchange exchange) throws IOException {
        JsonNode query = JSON.readTree(exchange.getRequestBody());
        String pipeline = query.path("variables").path("pipeline").asText();
        boolean first = query.path("variables").path("after").isMissingNode();
        List<Map<String, String>> nodes = first
                ? List.of(Map.of("id", "gid://gitlab/Ci::Build/1"))
                : jobs.values().stream()
                        .filter(job -> pipeline.equals(
                                "gid://gitlab/Ci::Pipeline/" + job.origin().pipelineId()))
                        .map(job -> job.origin().id())
                        .filter(byHand::contains)
                        .map(id -> Map.of("id", "gid://gitlab/Ci::Build/" + id))
                        .toList();
        Map<String, Object> jobs = Map.of("nodes", nodes, "pageInfo", Map.of("hasNextPage", first, "endCursor", "2"));
        return new Answer(200, Map.of("data", Map.of("project", Map.of("pipeline", Map.of("jobs", jobs)))));
    }

    private static String last(String path) {
        return URLDecoder.decode(path.substring(path.lastIndexOf('/') + 1), StandardCharsets.UTF_8);
    }
}
