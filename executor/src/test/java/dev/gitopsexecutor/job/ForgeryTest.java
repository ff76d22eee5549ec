package dev.gitopsexecutor.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import dev.gitopsexecutor.identity.TestKeyServer;
import dev.gitopsexecutor.identity.TestTokens;
import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.sandbox.EngineStub;
import dev.gitopsexecutor.secrets.Masker;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Everything that a job's author can forge: whole tokens, single claims, variables. Each is refused for the right reason,
 * before the engine or Vault is asked for anything; or it changes nothing.
 */
class ForgeryTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String TOKEN = "VAULT_ID_TOKEN";

    /** What the policy asks for makes every claim count that GitLab has for it. */
    private static final String POLICY = """
            version: 1
            environments:
              production:
                tier: production
                projects: [22]
                namespaces: [7]
                refs: [refs/heads/main]
                require_protected_environment: true
                starters: {roles: [maintainer]}
                start: automatic
                promotes_from: none
                job_images: [gitops-executor/job:1]
                images: [registry.example.com/shop/app]
                hosts: {web-1: {address: 127.0.0.1, port: 1, user: deploy, host_key: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAMKBN8xyMIx9h3mxNCUBqLLVDUBBPqXkEa8lYwNXdD0"}}
                ssh_key_file: /nowhere
                directory: /opt/shop
                vault: {role: shop, paths: [shop]}
            """;

    private final AtomicInteger vaultRequests = new AtomicInteger();
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();

    @TempDir
    private Path directory;

    private TestKeyServer keys;
    private HttpServer vault;
    private EngineStub engine;

    @BeforeEach
    void start() throws IOException {
        keys = TestKeyServer.ofTestTokens();
        vault = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        vault.createContext("/", exchange -> {
            vaultRequests.incrementAndGet();
            exchange.close();
        });
        vault.start();
        engine = EngineStub.open(
                directory,
                line -> List.of(
                        line.startsWith("GET /images/")
                                ? EngineStub.answer("200 OK", "{\"Id\": \"sha256:%s\"}".formatted("0".repeat(64)))
                                : EngineStub.answer("500 Internal Server Error", "")));
        Files.writeString(directory.resolve("policy.yaml"), POLICY);
        Files.writeString(directory.resolve("executor.yaml"), """
                version: 1
                gitlab:
                  url: https://gitlab.example.com
                  jwks_url: %s
                  audience: gitops-executor
                  runner_ids: [7]
                docker: {socket: %s, helper_image: "helper:1"}
                vault: {address: "http://127.0.0.1:%d"}
                policy_file: %s
                state_dir: %s
                """.formatted(
                        keys.uri(),
                        engine.socket(),
                        vault.getAddress().getPort(),
                        directory.resolve("policy.yaml"),
                        directory.resolve("state")));
    }

    @AfterEach
    void stop() throws IOException {
        engine.close();
        vault.stop(0);
        keys.close();
    }

    @Test
    void theJobItselfIsAllowed() throws IOException {
        assertAllowed(job(claims()));
    }

    @Test
    void keepsNoMaskedVariableInTheReasonsOfADecision() throws IOException {
        ObjectNode response = job(claims());
        response.putObject("image").put("name", "gitops-executor/s3cret-in-a-name:1");
        response.withArray("variables")
                .addObject()
                .put("key", "NAME")
                .put("value", "s3cret-in-a-name")
                .put("masked", true);

        assertThat(prepare(response)).as(log.toString(UTF_8)).isEqualTo(1);

        assertThat(lastDecision().path("details").toString()).contains("gitops-executor/[MASKED]:1");
        assertThat(Files.readString(directory.resolve("state/audit.jsonl"))).doesNotContain("s3cret");
        assertThat(log.toString(UTF_8)).contains("[MASKED]").doesNotContain("s3cret");
    }

    @ParameterizedTest
    @MethodSource("tokens")
    void refusesAForgedToken(String how, String token, String reason) throws IOException {
        assertDenied(response(token), reason);
    }

    static Stream<Arguments> tokens() {
        Map<String, String> reasons = Map.of(
                "alg none", "token.alg",
                "HS256 with the public key", "token.alg",
                "another issuer's key of the same name", "token.signature",
                "an unknown key", "token.kid",
                "no signature", "token.signature",
                "no token", "token.form");
        Instant now = TestTokens.time();
        return Stream.concat(
                TestTokens.forged(claims()).entrySet().stream()
                        .map(forged -> Arguments.of(
                                forged.getKey(), forged.getValue(), String.valueOf(reasons.get(forged.getKey())))),
                Stream.of(
                        whole(
                                "expired now",
                                "token.exp",
                                "exp",
                                now.minus(Duration.ofSeconds(30)).getEpochSecond()),
                        whole(
                                "not yet",
                                "token.nbf",
                                "nbf",
                                now.plus(Duration.ofSeconds(31)).getEpochSecond()),
                        whole(
                                "of tomorrow",
                                "token.iat",
                                "iat",
                                now.plus(Duration.ofDays(1)).getEpochSecond()),
                        whole(
                                "of yesterday",
                                "token.age",
                                "iat",
                                now.minus(Duration.ofDays(1)).getEpochSecond()),
                        Arguments.of("a login's", TestTokens.signed(login()), "token.jti"),
                        Arguments.of(
                                "a login's with an id",
                                TestTokens.signed(with(login(), "jti", "0123456789")),
                                "token.job_id")));
    }

    /** What GitLab signs for somebody who logs in somewhere with it. */
    private static Map<String, Object> login() {
        Map<String, Object> claims = claims();
        Map<String, Object> login = new TreeMap<>(Map.of(
                "iss", claims.get("iss"),
                "aud", claims.get("aud"),
                "iat", claims.get("iat"),
                "nbf", claims.get("nbf"),
                "exp", claims.get("exp"),
                "sub", "42",
                "auth_time", claims.get("iat"),
                "nickname", "dev1",
                "email", "dev1@example.com",
                "groups_direct", List.of("shop")));
        return login;
    }

    private static Arguments whole(String how, String reason, String claim, long value) {
        return Arguments.of(how, TestTokens.signed(with(claims(), claim, value)), reason);
    }

    @Test
    void refusesTheTokenOfAnotherJob() throws IOException {
        for (String bound : List.of("job_id", "pipeline_id", "user_id")) {
            assertDenied(job(with(claims(), bound, "9999")), "bound." + bound);
        }
        assertDenied(job(with(with(claims(), "project_id", "23"), "job_project_id", "23")), "bound.project_id");
    }

    @Test
    void refusesATokenThatAnotherJobShowed() throws IOException {
        assertAllowed(job(claims()));
        ObjectNode other = job(with(claims(), "job_id", "103"));
        other.put("id", 103);

        assertDenied(other, "bound.jti");
    }

    @Test
    void refusesATokenBesideAnotherOne() throws IOException {
        ObjectNode job = job(claims());
        variable(job, TOKEN, TestTokens.signed(claims()));
        assertDenied(job, "token.only");
        assertDenied(response(null), "token.present");
    }

    /** Each claim and how it is refused when it is missing, of another type, of another value and written otherwise. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            iss                   | token.iss            | token.iss            | https://evil.example.com | token.iss | https://GitLab.example.com | token.iss
            aud                   | token.aud            | token.aud            | vault                | token.aud             | Gitops-Executor  | token.aud
            jti                   | token.jti            | token.jti            | a b                  | token.jti             | ÄÄÄÄÄÄÄÄ         | token.jti
            iat                   | token.iat            | token.iat            | never                | token.iat             | 1.7E9s           | token.iat
            nbf                   | token.nbf            | token.nbf            | never                | token.nbf             | 1.7E9s           | token.nbf
            exp                   | token.exp            | token.exp            | never                | token.exp             | 1.7E9s           | token.exp
            job_id                | token.job_id         | token.job_id         | 103                  | bound.job_id          | 0102             | token.job_id
            pipeline_id           | token.pipeline_id    | token.pipeline_id    | 9103                 | bound.pipeline_id     | +9102            | token.pipeline_id
            project_id            | token.project_id     | token.project_id     | 23                   | bound.job_project_id  | 22.0             | token.project_id
            job_project_id        | -                    | bound.job_project_id | 23                   | bound.job_project_id  | 022              | bound.job_project_id
            user_id               | token.user_id        | token.user_id        | 1                    | bound.user_id         | 042              | token.user_id
            runner_id             | token.runner_id      | token.runner_id      | 7                    | token.runner_id       | 7.0              | token.runner_id
            ref                   | token.ref            | token.ref            | develop              | bound.ref             | Main             | bound.ref
            ref_type              | token.ref_type       | token.ref_type       | tag                  | bound.ref_type        | Branch           | token.ref_type
            ref_path              | token.ref_path       | token.ref_path       | refs/heads/develop   | ref                   | refs/heads/Main  | ref
            ref_protected         | token.ref_protected  | token.ref_protected  | false                | bound.ref_protected   | True             | token.ref_protected
            sha                   | token.sha            | token.sha            | 0000000000000000000000000000000000000000 | bound.sha | 4C300D29C32B7E55210788F6835F3F000DC9CC7A | token.sha
            pipeline_source       | token.pipeline_source | token.pipeline_source | merge_request_event | pipeline_source      | Push             | pipeline_source
            project_path          | token.project_path   | token.project_path   | shop/other           | ci_config             | Shop/App         | ci_config
            user_login            | token.user_login     | token.user_login     | dev1\u0007x         | token.user_login      | ''               | token.user_login
            namespace_id          | namespace            | token.namespace_id   | 8                    | namespace             | 07               | namespace
            user_access_level     | starter              | token.user_access_level | developer         | starter               | Maintainer       | starter
            ci_config_ref_uri     | ci_config            | token.ci_config_ref_uri | gitlab.example.com/shop/ci//x.yml@refs/heads/main | ci_config | gitlab.example.com/shop/app//.gitlab-ci.yml@refs/heads/Main | ci_config
            ci_config_sha         | ci_config            | token.ci_config_sha  | 0000000000000000000000000000000000000000 | ci_config | 4C300D29C32B7E55210788F6835F3F000DC9CC7A | ci_config
            environment           | environment          | token.environment    | staging              | environment           | Production       | environment
            environment_action    | -                    | token.environment_action | stop             | environment_action    | Start            | environment_action
            environment_protected | environment_protected | token.environment_protected | false         | environment_protected | TRUE             | environment_protected
            """)
    void refusesAForgedClaim(
            String claim,
            String missing,
            String wrongType,
            String wrongValue,
            String reasonOfValue,
            String otherwise,
            String reasonOfOtherwise)
            throws IOException {
        outcome(job(with(claims(), claim, null)), missing);
        outcome(job(with(claims(), claim, List.of("a", "b"))), wrongType);
        outcome(job(with(claims(), claim, Map.of("a", "b"))), wrongType);
        outcome(job(with(claims(), claim, true)), wrongType);
        outcome(job(with(claims(), claim, wrongValue)), reasonOfValue);
        outcome(job(with(claims(), claim, otherwise)), reasonOfOtherwise);
    }

    /** GitLab's own variables that somebody can replace in YAML, in settings or when starting a pipeline. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "CI_JOB_ID",
                "CI_JOB_URL",
                "CI_JOB_TOKEN",
                "CI_JOB_NAME",
                "CI_JOB_MANUAL",
                "CI_JOB_IMAGE",
                "CI_JOB_TIMEOUT",
                "CI_REGISTRY",
                "CI_REGISTRY_USER",
                "CI_REGISTRY_PASSWORD",
                "CI_REPOSITORY_URL",
                "CI_PIPELINE_ID",
                "CI_PIPELINE_SOURCE",
                "CI_ENVIRONMENT_NAME",
                "CI_ENVIRONMENT_ACTION",
                "CI_ENVIRONMENT_TIER",
                "CI_PROJECT_ID",
                "CI_PROJECT_PATH",
                "CI_PROJECT_NAMESPACE_ID",
                "CI_PROJECT_DIR",
                "CI_SERVER_URL",
                "CI_API_V4_URL",
                "CI_COMMIT_SHA",
                "CI_COMMIT_BRANCH",
                "CI_COMMIT_REF_NAME",
                "CI_COMMIT_REF_PROTECTED",
                "CI_BUILDS_DIR",
                "CI_CONCURRENT_ID",
                "CI_CONFIG_REF_URI",
                "CI_RUNNER_ID",
                "CI_DEBUG_TRACE",
                "GITLAB_USER_ID",
                "GITLAB_USER_LOGIN",
                "GITLAB_USER_EMAIL",
                "PATH",
                "LD_PRELOAD",
                "BASH_ENV",
                "JAVA_TOOL_OPTIONS",
                "JOB_RESPONSE_FILE",
                "TMPDIR",
                "VAULT_ADDR",
                "VAULT_TOKEN",
                "VAULT_SSL_VERIFY",
                "DOCKER_HOST",
                "GITOPS_EXECUTOR_CONFIG"
            })
    void aForgedVariableChangesNothing(String name) throws IOException {
        for (String value : List.of("production", "true", "1", "../../etc", "")) {
            ObjectNode allowed = job(claims());
            variable(allowed, name, value);
            assertAllowed(allowed, name, value);

            ObjectNode denied = job(with(with(claims(), "ref", "feature/x"), "ref_path", "refs/heads/feature/x"));
            denied.withObject("/git_info").put("ref", "feature/x");
            variable(denied, name, value);
            assertDenied(denied, "ref", name, value);
        }
    }

    private void outcome(ObjectNode response, String reason) throws IOException {
        if (reason.equals("-")) {
            assertAllowed(response);
        } else {
            assertDenied(response, reason);
        }
    }

    private void assertDenied(ObjectNode response, String reason, String... variable) throws IOException {
        int enginesBefore = engine.requests().size();
        assertThat(prepare(response, variable)).as(log.toString(UTF_8)).isEqualTo(1);

        JsonNode decision = lastDecision();
        assertThat(decision.path("result").asText()).isEqualTo("denied");
        assertThat(decision.path("reasons").path(0).asText())
                .as(decision.toString())
                .isEqualTo(reason);
        assertThat(log.toString(UTF_8)).contains("  saw:  " + reason + ": ");
        assertThat(engine.requests()).as("no container").hasSize(enginesBefore);
        assertThat(vaultRequests).as("no call to Vault").hasValue(0);
    }

    /** The engine that has the image and can do nothing with it ends the stage, after the decision. */
    private void assertAllowed(ObjectNode response, String... variable) throws IOException {
        int enginesBefore = engine.requests().size();
        assertThat(prepare(response, variable)).as(log.toString(UTF_8)).isEqualTo(2);

        assertThat(lastDecision().path("result").asText())
                .as(log.toString(UTF_8))
                .isEqualTo("allowed");
        assertThat(lastDecision().path("object").path("environment").asText()).isEqualTo("production");
        assertThat(engine.requests().size()).isGreaterThan(enginesBefore);
        assertThat(vaultRequests).hasValue(0);
    }

    private int prepare(ObjectNode response, String... variable) throws IOException {
        Path file = Files.writeString(directory.resolve("response.json"), response.toString());
        Map<String, String> environment = new HashMap<>();
        if (variable.length > 0) {
            environment.put("CUSTOM_ENV_" + variable[0], variable[1]);
        }
        environment.put("JOB_RESPONSE_FILE", file.toString());
        log.reset();
        return Stages.run(
                "prepare",
                new Invocation(
                        List.of("--config=" + directory.resolve("executor.yaml")),
                        environment,
                        log,
                        log,
                        InstantSource.fixed(TestTokens.time()),
                        new Cancellation()),
                new Masker());
    }

    private JsonNode lastDecision() throws IOException {
        return JSON.readTree(
                Files.readAllLines(directory.resolve("state/audit.jsonl")).getLast());
    }

    /** The response of a job with an ID token of these claims. */
    static ObjectNode job(Map<String, Object> claims) {
        return response(TestTokens.signed(claims));
    }

    private static ObjectNode response(@Nullable String token) {
        ObjectNode response = JSON.createObjectNode().put("id", 102).put("token", "job-token");
        response.putObject("job_info")
                .put("project_id", 22)
                .put("pipeline_id", 9102)
                .put("user_id", 42);
        response.putObject("git_info")
                .put("repo_url", "https://gitlab.example.com/shop/app.git")
                .put("ref", "main")
                .put("ref_type", "branch")
                .put("sha", "4c300d29c32b7e55210788f6835f3f000dc9cc7a")
                .put("protected", true);
        response.putObject("image").put("name", "gitops-executor/job:1");
        response.putArray("variables");
        if (token != null) {
            variable(response, TOKEN, token);
        }
        return response;
    }

    private static void variable(ObjectNode response, String name, String value) {
        response.withArray("variables").addObject().put("key", name).put("value", value);
    }

    private static Map<String, Object> claims() {
        return with(TestTokens.claims(), "environment_protected", "true");
    }

    private static Map<String, Object> with(Map<String, Object> claims, String claim, @Nullable Object value) {
        Map<String, Object> changed = new TreeMap<>(claims);
        if (value == null) {
            changed.remove(claim);
        } else {
            changed.put(claim, value);
        }
        return changed;
    }
}
