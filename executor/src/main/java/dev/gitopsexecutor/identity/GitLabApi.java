package dev.gitopsexecutor.identity;

import static java.net.URLEncoder.encode;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.failure.Shown;
import dev.gitopsexecutor.identity.Answer.Known;
import dev.gitopsexecutor.identity.Answer.Unasked;
import dev.gitopsexecutor.identity.Answer.Unknown;
import dev.gitopsexecutor.identity.Answer.Unreachable;
import dev.gitopsexecutor.io.Http;
import dev.gitopsexecutor.io.SecretFile;
import dev.gitopsexecutor.model.CommitSha;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Asks GitLab itself about a job, in the moment of the decision: a token may be an hour old.
 *
 * @see <a href="https://docs.gitlab.com/api/rest/">GitLab's REST API</a>
 */
public final class GitLabApi {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int MAX_BYTES = 2 * 1024 * 1024;
    private static final int MAX_PAGES = 10;
    private static final JsonMapper JSON = new JsonMapper();
    private static final String HEADS = "refs/heads/";
    private static final String TAGS = "refs/tags/";

    /** REST does not tell that a job was started by hand. */
    private static final String MANUAL_JOBS = """
            query($project: ID!, $pipeline: CiPipelineID!, $after: String) {
              project(fullPath: $project) { pipeline(id: $pipeline) {
                jobs(whenExecuted: ["manual"], first: 100, after: $after) {
                  nodes { id } pageInfo { hasNextPage endCursor } } } } }""";

    private final ApiSettings settings;

    public GitLabApi(ApiSettings settings) {
        this.settings = settings;
    }

    /**
     * Blocks until GitLab has answered all questions, which are asked at once.
     *
     * @param jobToken the job's own, from the job response
     * @throws ExecutorException {@code GITLAB_REFUSED} when the executor's own token is, {@code GITLAB_ANSWER_UNUSABLE} for
     *     an answer that is none: the author of a commit may be able to provoke it, so it is not as if GitLab were down
     */
    public Confirmation confirm(JobClaims job, String jobToken, Questions questions) {
        Optional<String> accessToken = settings.tokenFile().map(file -> SecretFile.read(file, "token for GitLab"));
        try (Http http = Http.open(settings.caFile());
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Asking asking = new Asking(http, job, Map.of("JOB-TOKEN", jobToken), accessToken);
            Future<Answer<Confirmation.Job>> found = ask(threads, true, asking::job);
            Future<Answer<Confirmation.Deployment>> deployment =
                    ask(threads, questions.deployment(), asking::deployment);
            Future<Answer<Boolean>> ref = askOwn(threads, accessToken, questions.protectedRef(), asking::protectedRef);
            Future<Answer<Boolean>> environment =
                    askOwn(threads, accessToken, questions.protectedEnvironment(), asking::protectedEnvironment);
            Future<Answer<Boolean>> byHand =
                    askOwn(threads, accessToken, questions.startedByHand(), asking::startedByHand);
            return new Confirmation(
                    result(found), result(deployment), result(ref), result(environment), result(byHand));
        } catch (IOException noCertificates) {
            throw unusable(noCertificates);
        } catch (InterruptedException canceled) {
            Thread.currentThread().interrupt();
            throw unusable(new IOException("the job was canceled", canceled));
        }
    }

    /** A question to GitLab. */
    private interface Question<T> {
        Answer<T> ask() throws IOException, InterruptedException;
    }

    private <T> Future<Answer<T>> ask(ExecutorService threads, boolean wanted, Question<T> question) {
        return threads.submit(wanted ? () -> answer(question) : () -> new Unasked<>("the policy does not ask"));
    }

    private <T> Future<Answer<T>> askOwn(
            ExecutorService threads, Optional<String> token, boolean wanted, Question<T> question) {
        return token.isEmpty() && wanted
                ? threads.submit(() -> new Unasked<>("executor.yaml names no gitlab.api_token_file"))
                : ask(threads, wanted, question);
    }

    private <T> Answer<T> answer(Question<T> question) throws InterruptedException {
        try {
            return question.ask();
        } catch (IOException failed) {
            if (failed instanceof OutOfOrderException || Http.isUnanswered(failed)) {
                return new Unreachable<>(Http.saw(failed));
            }
            throw unusable(failed);
        }
    }

    /** GitLab answers that it cannot answer. */
    private static final class OutOfOrderException extends IOException {
        private static final long serialVersionUID = 1L;

        OutOfOrderException(int status) {
            super("answer " + status);
        }
    }

    private static <T> T result(Future<T> future) throws InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException failed) {
            // A thread of a question is interrupted only when nobody waits for it any more.
            throw (RuntimeException) requireNonNull(failed.getCause());
        }
    }

    private ExecutorException unusable(IOException cause) {
        return new ExecutorException(
                new Failure(
                        FailureCode.GITLAB_ANSWER_UNUSABLE,
                        "ask GitLab about the job",
                        settings.gitlab().toString(),
                        Http.saw(cause),
                        "Retry the job; when that does not help, ask the same of GitLab by hand and see what it answers."),
                cause);
    }

    /** The questions about one job. */
    private final class Asking {
        private final Http http;
        private final JobClaims job;
        private final Map<String, String> asJob;
        private final Map<String, String> asExecutor;

        Asking(Http http, JobClaims job, Map<String, String> asJob, Optional<String> accessToken) {
            this.http = http;
            this.job = job;
            this.asJob = asJob;
            this.asExecutor = accessToken
                    .map(token -> Map.of("Authorization", "Bearer " + token))
                    .orElse(Map.of());
        }

        Answer<Confirmation.Job> job() throws IOException, InterruptedException {
            Http.Answer answer = get("/job", asJob);
            if (answer.status() != 200) {
                return new Unknown<>(
                        "GitLab knows no running job of this token (answer %d)".formatted(answer.status()));
            }
            JsonNode root = json(answer);
            return new Known<>(new Confirmation.Job(
                    root.path("status").asText(),
                    root.path("id").asLong(),
                    root.path("pipeline").path("id").asLong(),
                    root.path("user").path("id").asLong(),
                    sha(root.path("commit").path("id")),
                    id(root.path("runner").path("id"))));
        }

        Answer<Confirmation.Deployment> deployment() throws IOException, InterruptedException {
            String environment = job.environment().orElse("");
            Http.Answer answer = get(
                    project() + "/deployments?status=running&order_by=id&sort=desc&per_page=100&environment="
                            + encode(environment, UTF_8),
                    asJob);
            if (answer.status() != 200) {
                return new Unknown<>("GitLab shows no deployments (answer %d)".formatted(answer.status()));
            }
            for (JsonNode deployment : json(answer)) {
                if (deployment.path("deployable").path("id").asLong()
                                == job.jobId().value()
                        && deployment.path("environment").path("name").asText().equals(environment)) {
                    return new Known<>(new Confirmation.Deployment(
                            sha(deployment.path("sha")),
                            deployment.path("pending_approval_count").asLong()));
                }
            }
            return new Unknown<>("none of this job runs there");
        }

        Answer<Boolean> protectedRef() throws IOException, InterruptedException {
            String ref = job.refPath();
            String path;
            if (ref.startsWith(HEADS)) {
                path = "/repository/branches/" + segment(ref.substring(HEADS.length()));
            } else if (ref.startsWith(TAGS)) {
                path = "/repository/tags/" + segment(ref.substring(TAGS.length()));
            } else {
                return new Known<>(false);
            }
            Http.Answer answer = getOwn(project() + path);
            if (answer.status() == 404) {
                return new Unknown<>("no such ref, or the access token does not see the project");
            }
            return new Known<>(json(answer).path("protected").asBoolean());
        }

        /** GitLab's free edition has none; one that a group protects is none of the project's. */
        Answer<Boolean> protectedEnvironment() throws IOException, InterruptedException {
            String name = segment(job.environment().orElse(""));
            return getOwn(project() + "/protected_environments/" + name).status() == 200
                    ? new Known<>(true)
                    : new Unknown<>("not protected by the project, or the access token does not see it");
        }

        Answer<Boolean> startedByHand() throws IOException, InterruptedException {
            String wanted = "gid://gitlab/Ci::Build/" + job.jobId();
            String after = "";
            for (int page = 0; page < MAX_PAGES; page++) {
                JsonNode answer = json(refused(postQuery(after)));
                JsonNode error = answer.path("errors").path(0).path("message");
                if (error.isTextual()) {
                    return new Unknown<>("GitLab answers: " + Shown.quoted(error.asText()));
                }
                JsonNode jobs =
                        answer.path("data").path("project").path("pipeline").path("jobs");
                if (!jobs.isObject()) {
                    return new Unknown<>("the access token does not see the pipeline");
                }
                for (JsonNode node : jobs.path("nodes")) {
                    if (node.path("id").asText().equals(wanted)) {
                        return new Known<>(true);
                    }
                }
                if (!jobs.path("pageInfo").path("hasNextPage").asBoolean()) {
                    return new Known<>(false);
                }
                after = jobs.path("pageInfo").path("endCursor").asText();
            }
            return new Unknown<>("the pipeline has more than %d manual jobs".formatted(MAX_PAGES * 100));
        }

        private Http.Answer postQuery(String after) throws IOException, InterruptedException {
            var query = JSON.createObjectNode().put("query", MANUAL_JOBS);
            var variables = query.putObject("variables")
                    .put("project", job.projectPath())
                    .put("pipeline", "gid://gitlab/Ci::Pipeline/" + job.pipelineId());
            if (!after.isEmpty()) {
                variables.put("after", after);
            }
            return answered(http.postJson(
                    URI.create(settings.gitlab() + "/api/graphql"), asExecutor, query.toString(), TIMEOUT, MAX_BYTES));
        }

        private Http.Answer getOwn(String path) throws IOException, InterruptedException {
            return refused(get(path, asExecutor));
        }

        private Http.Answer get(String path, Map<String, String> headers) throws IOException, InterruptedException {
            return answered(http.get(URI.create(settings.gitlab() + "/api/v4" + path), headers, TIMEOUT, MAX_BYTES));
        }

        private Http.Answer answered(Http.Answer answer) throws IOException {
            if (answer.status() >= 500) {
                throw new OutOfOrderException(answer.status());
            }
            if (answer.status() == 429) {
                throw new IOException("answer 429: too many requests");
            }
            return answer;
        }

        private Http.Answer refused(Http.Answer answer) {
            if (answer.status() == 200 || answer.status() == 404) {
                return answer;
            }
            throw new ExecutorException(new Failure(
                    FailureCode.GITLAB_REFUSED,
                    "ask GitLab about the job with the executor's own token",
                    settings.gitlab().toString(),
                    "answer " + answer.status(),
                    ("Put an access token of project %s or its group into `gitlab.api_token_file` that is valid and has the"
                                    + " scope read_api, and the role Maintainer where the policy says"
                                    + " `require_protected_environment`.")
                            .formatted(job.projectPath())));
        }

        private String project() {
            return "/projects/" + job.projectId();
        }

        private static JsonNode json(Http.Answer answer) throws IOException {
            try {
                return JSON.readTree(answer.body());
            } catch (JsonProcessingException malformed) {
                throw new IOException("an answer that is not JSON", malformed);
            }
        }

        private static CommitSha sha(JsonNode text) throws IOException {
            try {
                return new CommitSha(text.asText());
            } catch (IllegalArgumentException odd) {
                throw new IOException("an answer without a commit", odd);
            }
        }

        private static OptionalLong id(JsonNode number) {
            return number.isIntegralNumber() ? OptionalLong.of(number.asLong()) : OptionalLong.empty();
        }

        /** A space is %20 in a path, where + is itself. */
        private static String segment(String text) {
            return encode(text, UTF_8).replace("+", "%20");
        }
    }
}
