package dev.gitopsexecutor.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.deploy.DeployOutcome;
import dev.gitopsexecutor.deploy.HostOutcome;
import dev.gitopsexecutor.deploy.RunningVersion;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.identity.TestKeyServer;
import dev.gitopsexecutor.identity.TestTokens;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.ReleaseId;
import dev.gitopsexecutor.model.ServiceName;
import dev.gitopsexecutor.notify.HttpPeer;
import dev.gitopsexecutor.runner.JobResponse;
import dev.gitopsexecutor.sandbox.EngineStub;
import dev.gitopsexecutor.sandbox.Sandbox;
import dev.gitopsexecutor.secrets.Masker;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who hears of what a deploy came to, also where no report can be written. */
class DeployEndTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final InstantSource CLOCK = InstantSource.fixed(TestTokens.time());
    private static final RunningVersion VERSION = new RunningVersion(
            new ReleaseId("r-1"),
            new TreeMap<>(Map.of(
                    new ServiceName("app"),
                    ImageRef.parse("registry.example.com/shop/app:7@sha256:" + "0".repeat(64)))));
    private static final List<HostOutcome> HOSTS = List.of(new HostOutcome(
            new HostName("web-1"), Optional.of(VERSION), Optional.of(VERSION), "health digest", Duration.ofSeconds(3)));

    @TempDir
    private Path directory;

    private TestKeyServer keys;
    private EngineStub engine;
    private HttpPeer hook;

    @BeforeEach
    void start() throws IOException {
        keys = TestKeyServer.ofTestTokens();
        engine = EngineStub.open(directory, _ -> List.of(EngineStub.answer("500 Internal Server Error", "")));
        hook = new HttpPeer(HttpPeer.answers(204, ""));
        Path key = Files.writeString(directory.resolve("key"), "key-of-the-hook\n");
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
        Files.writeString(directory.resolve("policy.yaml"), """
                version: 1
                environments:
                  production:
                    tier: production
                    projects: [22]
                    refs: [refs/heads/main]
                    start: automatic
                    promotes_from: none
                    job_images: [gitops-executor/job:1]
                    images: [registry.example.com/shop/app]
                    hosts: {web-1: {address: 127.0.0.1, port: 1, user: deploy, host_key: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAMKBN8xyMIx9h3mxNCUBqLLVDUBBPqXkEa8lYwNXdD0"}}
                    ssh_key_file: /nowhere
                    directory: /opt/shop
                    vault: {role: shop, paths: [shop]}
                    notify: [{to: hook, on: [succeeded, failed, rolled_back, drift], mention: ["@here"]}]
                """);
        Files.writeString(directory.resolve("executor.yaml"), """
                version: 1
                gitlab:
                  url: https://gitlab.example.com
                  jwks_url: %s
                  audience: gitops-executor
                  runner_ids: [7]
                docker: {socket: %s, helper_image: "helper:1"}
                vault: {address: "http://127.0.0.1:1"}
                policy_file: %s
                state_dir: %s
                notifiers:
                  hook: {webhook: {url: %s, key_file: %s}}
                """.formatted(
                        keys.uri(),
                        engine.socket(),
                        directory.resolve("policy.yaml"),
                        Files.createDirectory(directory.resolve("state")),
                        hook.uri("/"),
                        key));
    }

    @AfterEach
    void stop() throws IOException {
        hook.close();
        engine.close();
        keys.close();
    }

    private interface Step {
        void of(DeployEnd end);
    }

    /** Of a job that the policy allows. */
    private JsonNode told(Step step) throws IOException {
        ExecutorConfig config = ExecutorConfig.read(directory.resolve("executor.yaml"));
        JobResponse response = response();
        Masker masker = new Masker();
        JobLog log = new JobLog(OutputStream.nullOutputStream(), masker::mask, CLOCK);
        Admission admission = new Admission(config, response, DecisionLog.DEPLOY, CLOCK, log);
        var _ = admission.decide();
        try (Sandbox sandbox = Sandboxes.connect(config, CLOCK)) {
            step.of(new DeployEnd(
                    config,
                    response,
                    admission,
                    new Checkout(sandbox, response, config.docker().buildsDir()),
                    new ReportWriter(sandbox, response, config.docker().buildsDir()),
                    CLOCK.instant(),
                    CLOCK,
                    masker,
                    log));
        }
        assertThat(hook.requests()).hasSize(1);
        return JSON.readTree(hook.requests().getFirst().body());
    }

    private JobResponse response() throws IOException {
        ObjectNode response = ForgeryTest.job(TestTokens.claims());
        return JobResponse.read(Files.writeString(directory.resolve("response.json"), response.toString()));
    }

    @Test
    void tellsOfAReleaseThatCameBackOnPurpose() throws Exception {
        JsonNode message = told(end -> {
            end.isRollback();
            end.conclude(new DeployOutcome.Deployed(VERSION, HOSTS, Set.of()));
        });

        assertThat(message.path("event").asText()).isEqualTo("rolled_back");
        assertThat(message.path("version").asText()).isEqualTo("7");
        assertThat(message.path("failure").isNull()).isTrue();
        assertThat(message.path("mentions")).as("nobody has to do anything").isEmpty();
    }

    @Test
    void tellsOfAReleaseThatIsNoLongerWell() throws Exception {
        Failure unwell = new Failure(
                FailureCode.CHECK_FAILED, "prove that \"web-1\" is well", "release r-1", "health: status 503", "Look.");
        JsonNode message = told(
                end -> assertThatThrownBy(() -> end.conclude(new DeployOutcome.NoLongerWell(VERSION, HOSTS, unwell)))
                        .isInstanceOf(ExecutorException.class));

        assertThat(message.path("event").asText()).isEqualTo("drift");
        assertThat(message.at("/failure/sentence").asText()).contains("health: status 503");
        assertThat(message.path("mentions")).hasSize(1);
    }
}
