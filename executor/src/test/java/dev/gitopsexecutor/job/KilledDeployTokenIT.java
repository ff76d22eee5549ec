package dev.gitopsexecutor.job;

import static dev.gitopsexecutor.job.Attempts.during;
import static dev.gitopsexecutor.job.Attempts.prepared;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gitopsexecutor.testbed.DeployEnvironment;
import dev.gitopsexecutor.testbed.RealParts;
import dev.gitopsexecutor.testbed.RunnerAttempt;
import dev.gitopsexecutor.testbed.Testbed;
import dev.gitopsexecutor.testbed.VaultProxy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The driver is killed with SIGKILL while it holds a token of Vault: somebody else revokes that. */
@RealParts
class KilledDeployTokenIT {

    @Test
    void cleanupRevokesTheToken(Testbed testbed) throws Exception {
        DeployEnvironment environment =
                testbed.newEnvironment("killed").withOwnIdentity().create();
        try (VaultProxy proxy = VaultProxy.before(testbed.vault())) {
            RunnerAttempt attempt = killedWhileReading(environment, testbed, proxy);
            String accessor = heldAccessor(environment);
            assertThat(testbed.vault().tokenAccessors()).contains(accessor);

            assertThat(attempt.cleanup().succeeded()).isTrue();

            assertThat(testbed.vault().tokenAccessors()).doesNotContain(accessor);
            assertThat(held(environment)).isEmpty();
        }
    }

    @Test
    void reapRevokesTheTokenAtOnce(Testbed testbed) throws Exception {
        DeployEnvironment environment =
                testbed.newEnvironment("reaped").withOwnIdentity().create();
        String config = "--config=" + environment.configuration().executorYaml();
        try (VaultProxy proxy = VaultProxy.before(testbed.vault())) {
            RunnerAttempt attempt = killedWhileReading(environment, testbed, proxy);
            String accessor = heldAccessor(environment);

            assertThat(Launcher.run("reap", "--dry-run", config)).contains("tokens of Vault that killed jobs left: 1");
            assertThat(testbed.vault().tokenAccessors()).contains(accessor);
            assertThat(Launcher.run("reap", config)).contains("tokens of Vault that killed jobs left: 1");

            assertThat(testbed.vault().tokenAccessors()).doesNotContain(accessor);
            assertThat(held(environment)).isEmpty();
            assertThat(attempt.cleanup().succeeded()).isTrue();
        }
    }

    @Test
    void reapSaysWhatNobodyMayRevoke(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("orphaned").create();
        String config = environment.configuration().executorYaml().toString();
        try (VaultProxy proxy = VaultProxy.before(testbed.vault())) {
            RunnerAttempt attempt = killedWhileReading(environment, testbed, proxy);

            assertThat(attempt.cleanup().succeeded()).as("cleanup is silent").isTrue();
            Process reap = new ProcessBuilder(System.getProperty("launcher", ""), "reap", "--config=" + config)
                    .redirectErrorStream(true)
                    .start();
            assertThat(new String(reap.getInputStream().readAllBytes(), UTF_8))
                    .contains("The Vault token of job ")
                    .contains(": executor.yaml has no `vault.own_identity` to act with");
            assertThat(reap.waitFor()).isEqualTo(2);
        }
    }

    private static RunnerAttempt killedWhileReading(DeployEnvironment environment, Testbed testbed, VaultProxy proxy)
            throws Exception {
        Path yaml = environment.configuration().executorYaml();
        Files.writeString(yaml, Files.readString(yaml).replace(testbed.vault().address(), proxy.address()));
        RunnerAttempt attempt = prepared(environment.runner(), environment.job(environment.release()));
        assertThat(attempt.stage("get_sources").orElseThrow().succeeded()).isTrue();
        during(() -> attempt.stage("build_script").orElseThrow(), () -> {
            proxy.awaitReader();
            attempt.kill();
        });
        return attempt;
    }

    private static String heldAccessor(DeployEnvironment environment) throws IOException {
        List<Path> held = held(environment);
        assertThat(held).hasSize(1);
        JsonNode json = new ObjectMapper().readTree(Files.readString(held.getFirst()));
        return json.path("accessor").asText();
    }

    private static List<Path> held(DeployEnvironment environment) throws IOException {
        try (Stream<Path> files =
                Files.list(environment.configuration().stateDirectory().resolve("vault-tokens"))) {
            return files.filter(file -> file.toString().endsWith(".json")).toList();
        }
    }
}
