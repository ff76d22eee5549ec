package dev.gitopsexecutor.identity;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.identity.Answer.Known;
import dev.gitopsexecutor.identity.Answer.Unasked;
import dev.gitopsexecutor.identity.Answer.Unknown;
import dev.gitopsexecutor.model.CommitSha;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GitLabApiTest {
    private static final String SHA = "4c300d29c32b7e55210788f6835f3f000dc9cc7a";
    private static final String JOB = "/api/v4/job";
    private static final String DEPLOYMENTS = "/api/v4/projects/22/deployments";
    private static final String BRANCH = "/api/v4/projects/22/repository/branches/main";
    private static final String ENVIRONMENT = "/api/v4/projects/22/protected_environments/production";
    private static final String GRAPHQL = "/api/graphql";
    private static final Questions ALL = new Questions(true, true, true, true);
    private static final JobClaims CLAIMS = TestIdentities.with(Map.of());

    private final Map<String, Reply> replies = new ConcurrentHashMap<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();

    @TempDir
    private Path directory;

    private HttpServer server;
    private Path tokenFile;

    private record Reply(int status, String body) {}

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
        tokenFile = directory.resolve("token");
        Files.createFile(tokenFile, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(tokenFile, "glpat-executor\n");
        replies.put(JOB, new Reply(200, """
                        {"id": 102, "status": "running", "user": {"id": 42}, "pipeline": {"id": 9102},
                         "commit": {"id": "%s"}, "runner": {"id": 7}}""".formatted(SHA)));
        replies.put(
                DEPLOYMENTS,
                new Reply(200, "[%s, %s]".formatted(deployment(101, "production"), deployment(102, "production"))));
        replies.put(BRANCH, new Reply(200, "{\"protected\": true}"));
        replies.put(ENVIRONMENT, new Reply(200, "{\"name\": \"production\"}"));
        replies.put(GRAPHQL, new Reply(200, jobs("gid://gitlab/Ci::Build/102", "false")));
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void asksEachQuestionWithItsToken() {
        Confirmation answers = confirm(ALL);

        assertThat(answers.job())
                .isEqualTo(new Known<>(
                        new Confirmation.Job("running", 102, 9102, 42, new CommitSha(SHA), OptionalLong.of(7))));
        assertThat(answers.deployment()).isEqualTo(new Known<>(new Confirmation.Deployment(new CommitSha(SHA), 0)));
        assertThat(answers.protectedRef()).isEqualTo(new Known<>(true));
        assertThat(answers.protectedEnvironment()).isEqualTo(new Known<>(true));
        assertThat(answers.startedByHand()).isEqualTo(new Known<>(true));
        assertThat(requests)
                .containsExactlyInAnyOrder(
                        "GET /api/v4/job job-token=job-secret",
                        "GET /api/v4/projects/22/deployments?status=running&order_by=id&sort=desc&per_page=100"
                                + "&environment=production job-token=job-secret",
                        "GET " + BRANCH + " bearer=glpat-executor",
                        "GET " + ENVIRONMENT + " bearer=glpat-executor",
                        "POST /api/graphql bearer=glpat-executor");
    }

    @Test
    void asksNothingThatThePolicyDoesNotWant() {
        Confirmation answers = confirm(new Questions(false, false, false, false));

        var unasked = new Unasked<>("the policy does not ask");
        assertThat(answers.deployment()).isEqualTo(unasked);
        assertThat(answers.protectedRef()).isEqualTo(unasked);
        assertThat(answers.protectedEnvironment()).isEqualTo(unasked);
        assertThat(answers.startedByHand()).isEqualTo(unasked);
        assertThat(requests).hasSize(1);
    }

    @Test
    void asksWithoutATokenOfItsOwnWhatTheJobMayAsk() {
        Confirmation answers = api(null).confirm(CLAIMS, "job-secret", ALL);

        assertThat(answers.deployment()).isInstanceOf(Known.class);
        var unasked = new Unasked<>("executor.yaml names no gitlab.api_token_file");
        assertThat(answers.protectedRef()).isEqualTo(unasked);
        assertThat(answers.protectedEnvironment()).isEqualTo(unasked);
        assertThat(answers.startedByHand()).isEqualTo(unasked);
        assertThat(api(null)
                        .confirm(CLAIMS, "job-secret", new Questions(false, false, false, false))
                        .protectedRef())
                .isEqualTo(new Unasked<>("the policy does not ask"));
    }

    @ParameterizedTest
    @CsvSource({"401", "403", "404", "302"})
    void aJobThatGitLabDoesNotKnowIsUnknown(int status) {
        replies.put(JOB, new Reply(status, "{}"));
        replies.put(DEPLOYMENTS, new Reply(status, "{}"));

        Confirmation answers = confirm(ALL);

        assertThat(answers.job())
                .isEqualTo(new Unknown<>("GitLab knows no running job of this token (answer %d)".formatted(status)));
        assertThat(answers.deployment())
                .isEqualTo(new Unknown<>("GitLab shows no deployments (answer %d)".formatted(status)));
    }

    @Test
    void anOlderGitLabNamesNoRunner() {
        replies.computeIfPresent(JOB, (_, reply) -> new Reply(200, reply.body().replace("{\"id\": 7}", "null")));

        assertThat(confirm(ALL).job())
                .isInstanceOfSatisfying(
                        Known.class,
                        known -> assertThat(((Confirmation.Job) known.value()).runner())
                                .isEmpty());
    }

    @Test
    void anotherJobsDeploymentAndOneToAnotherEnvironmentDoNotCount() {
        replies.put(
                DEPLOYMENTS,
                new Reply(200, "[%s, %s]".formatted(deployment(101, "production"), deployment(102, "other"))));

        assertThat(confirm(ALL).deployment()).isEqualTo(new Unknown<>("none of this job runs there"));
    }

    @Test
    void countsPendingApprovals() {
        replies.put(
                DEPLOYMENTS,
                new Reply(
                        200,
                        "[%s]"
                                .formatted(deployment(102, "production")
                                        .replace("{\"id\"", "{\"pending_approval_count\": 2, \"id\""))));

        assertThat(confirm(ALL).deployment())
                .isEqualTo(new Known<>(new Confirmation.Deployment(new CommitSha(SHA), 2)));
    }

    @Test
    void anUnprotectedRefAndEnvironmentAreKnownToBeSo() {
        replies.put(BRANCH, new Reply(200, "{\"protected\": false}"));
        replies.put(ENVIRONMENT, new Reply(404, "{}"));

        Confirmation answers = confirm(ALL);

        assertThat(answers.protectedRef()).isEqualTo(new Known<>(false));
        assertThat(answers.protectedEnvironment())
                .isEqualTo(new Unknown<>("not protected by the project, or the access token does not see it"));
    }

    @Test
    void aRefThatIsGoneIsUnknown() {
        replies.put(BRANCH, new Reply(404, "{}"));

        assertThat(confirm(ALL).protectedRef())
                .isEqualTo(new Unknown<>("no such ref, or the access token does not see the project"));
    }

    @ParameterizedTest
    @CsvSource({
        "refs/heads/feature/a b, /api/v4/projects/22/repository/branches/feature%2Fa%20b",
        "refs/tags/v1.0+2, /api/v4/projects/22/repository/tags/v1.0%2B2"
    })
    void namesTheRefInOneSegment(String ref, String path) {
        replies.put(path, new Reply(200, "{\"protected\": true}"));

        assertThat(api(tokenFile)
                        .confirm(TestIdentities.with(Map.of("ref_path", ref)), "job-secret", ALL)
                        .protectedRef())
                .isEqualTo(new Known<>(true));
    }

    @Test
    void aMergeRequestsRefIsNotProtected() {
        assertThat(api(tokenFile)
                        .confirm(
                                TestIdentities.with(Map.of("ref_path", "refs/merge-requests/1/head")),
                                "job-secret",
                                ALL)
                        .protectedRef())
                .isEqualTo(new Known<>(false));
    }

    @Test
    void readsEveryPageOfManualJobs() {
        replies.put(GRAPHQL, new Reply(200, jobs("gid://gitlab/Ci::Build/1", "true")));
        replies.put(GRAPHQL + "#2", new Reply(200, jobs("gid://gitlab/Ci::Build/102", "false")));
        assertThat(confirm(ALL).startedByHand()).isEqualTo(new Known<>(true));

        replies.put(GRAPHQL + "#2", new Reply(200, jobs("gid://gitlab/Ci::Build/1020", "false")));
        assertThat(confirm(ALL).startedByHand()).isEqualTo(new Known<>(false));

        replies.put(GRAPHQL + "#2", new Reply(200, jobs("gid://gitlab/Ci::Build/1", "true")));
        assertThat(confirm(ALL).startedByHand())
                .isEqualTo(new Unknown<>("the pipeline has more than 1000 manual jobs"));
    }

    @Test
    void anErrorOfGraphqlIsTold() {
        replies.put(GRAPHQL, new Reply(200, "{\"errors\": [{\"message\": \"Field 'jobs' doesn't exist\"}]}"));

        assertThat(confirm(ALL).startedByHand())
                .isEqualTo(new Unknown<>("GitLab answers: \"Field 'jobs' doesn't exist\""));
    }

    @Test
    void aPipelineThatTheTokenDoesNotSeeIsUnknown() {
        replies.put(GRAPHQL, new Reply(200, "{\"data\": {\"project\": null}}"));

        assertThat(confirm(ALL).startedByHand()).isEqualTo(new Unknown<>("the access token does not see the pipeline"));
    }

    @ParameterizedTest
    @CsvSource({
        "/api/v4/job, 500",
        "/api/v4/projects/22/deployments, 503",
        "/api/v4/projects/22/repository/branches/main, 502",
        "/api/v4/projects/22/protected_environments/production, 500",
        "/api/graphql, 504"
    })
    void aQuestionOfWhichGitLabIsOutOfOrderIsUnreachable(String path, int status) {
        replies.put(path, new Reply(status, "<html>"));

        assertThat(confirm(ALL).unreachable()).contains("answer " + status);
    }

    @ParameterizedTest
    @ValueSource(strings = {JOB, DEPLOYMENTS, BRANCH, ENVIRONMENT, GRAPHQL})
    void anAnswerThatIsTooLargeOrTooManyIsNoGitLabThatIsDown(String path) {
        replies.put(path, new Reply(429, "{}"));
        assertFails(FailureCode.GITLAB_ANSWER_UNUSABLE, "answer 429: too many requests");

        replies.put(path, new Reply(200, " ".repeat(2 * 1024 * 1024 + 1)));
        assertFails(FailureCode.GITLAB_ANSWER_UNUSABLE, "body exceeds capacity: 2097152");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /api/v4/job                     | <html>                 | an answer that is not JSON
            /api/v4/job                     | {"id": 102}            | an answer without a commit
            /api/v4/projects/22/deployments | [{]                    | an answer that is not JSON
            /api/graphql                    | nothing                | an answer that is not JSON
            """)
    void anAnswerThatIsNoneIsUnusable(String path, String body, String saw) {
        replies.put(path, new Reply(200, body));

        assertFails(FailureCode.GITLAB_ANSWER_UNUSABLE, saw);
    }

    @ParameterizedTest
    @CsvSource({
        "/api/v4/projects/22/repository/branches/main, 401",
        "/api/v4/projects/22/protected_environments/production, 403",
        "/api/graphql, 401"
    })
    void aTokenOfItsOwnThatGitLabRefusesIsTheExecutorsFault(String path, int status) {
        replies.put(path, new Reply(status, "{}"));

        assertFails(FailureCode.GITLAB_REFUSED, "answer " + status);
    }

    @Test
    void aGitLabThatIsGoneIsUnreachable() {
        server.stop(0);

        assertThat(confirm(ALL).unreachable()).contains("nobody listens there");
    }

    @Test
    void aCanceledJobDoesNotWait() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> confirm(ALL))
                .isInstanceOfSatisfying(
                        ExecutorException.class,
                        failed -> assertThat(failed.failure().saw()).isEqualTo("the job was canceled"));
        assertThat(Thread.interrupted()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r-----", "rw----r--", "rw-rw----"})
    void refusesATokenFileThatOthersMayUse(String mode) throws IOException {
        Files.setPosixFilePermissions(tokenFile, PosixFilePermissions.fromString(mode));

        assertFails(FailureCode.CONFIG_UNSAFE, "its mode is %s: others than its owner may use it".formatted(mode));
        assertThat(requests).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "short", "two tokens-in-one", "glpat-one\nglpat-two"})
    void refusesATokenFileWithoutOneToken(String content) throws IOException {
        Files.writeString(tokenFile, content);

        assertFails(FailureCode.CONFIG_UNSAFE, "it does not hold one word");
    }

    @Test
    void refusesATokenFileThatIsNoFile() throws IOException {
        Files.delete(tokenFile);
        Files.createDirectory(
                tokenFile, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));

        assertFails(FailureCode.CONFIG_UNSAFE, "java.io.IOException: Is a directory");
    }

    @Test
    void refusesATokenFileThatIsNotThere() throws IOException {
        Files.delete(tokenFile);

        assertFails(FailureCode.CONFIG_UNSAFE, "there is no such file");
    }

    private void assertFails(FailureCode code, String saw) {
        assertThatThrownBy(() -> confirm(ALL)).isInstanceOfSatisfying(ExecutorException.class, failed -> {
            assertThat(failed.code()).isEqualTo(code);
            assertThat(failed.failure().saw()).isEqualTo(saw);
            assertThat(failed.failure().block()).doesNotContain("glpat-executor", "job-secret");
        });
    }

    private Confirmation confirm(Questions questions) {
        return api(tokenFile).confirm(CLAIMS, "job-secret", questions);
    }

    private GitLabApi api(@Nullable Path token) {
        URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
        return new GitLabApi(new ApiSettings(url, Optional.empty(), Optional.ofNullable(token)));
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
            String job = exchange.getRequestHeaders().getFirst("JOB-TOKEN");
            String own = exchange.getRequestHeaders().getFirst("Authorization");
            requests.add("%s %s %s"
                    .formatted(
                            exchange.getRequestMethod(),
                            exchange.getRequestURI(),
                            job == null ? String.valueOf(own).replace("Bearer ", "bearer=") : "job-token=" + job));
            String path = exchange.getRequestURI().getRawPath();
            Reply reply = replies.getOrDefault(
                    path.equals(GRAPHQL) && body.contains("\"after\":") ? GRAPHQL + "#2" : path, new Reply(404, "{}"));
            byte[] bytes = reply.body().getBytes(UTF_8);
            exchange.sendResponseHeaders(reply.status(), bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    private static String deployment(long job, String environment) {
        return "{\"id\": 1, \"sha\": \"%s\", \"environment\": {\"name\": \"%s\"}, \"deployable\": {\"id\": %d}}"
                .formatted(SHA, environment, job);
    }

    private static String jobs(String id, String more) {
        return """
                {"data": {"project": {"pipeline": {"jobs": {"nodes": [{"id": "%s"}],
                 "pageInfo": {"hasNextPage": %s, "endCursor": "x"}}}}}}""".formatted(id, more);
    }
}
