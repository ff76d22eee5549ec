package dev.gitopsexecutor.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The testbed's parts are real and know each other. */
@RealPartsAlone
final class TestbedIT {
    private final Testbed testbed;

    TestbedIT(Testbed testbed) {
        this.testbed = testbed;
    }

    @Test
    void hostRunsTheImageThatWasPushedByDigest() throws Exception {
        DeployEnvironment staging = testbed.environment("staging");
        Release release = staging.release();
        TargetHost host = testbed.host("web-1");
        String image = ShopFiles.IMAGE + "@" + release.digest();

        assertThatThrownBy(() -> host.run("docker", "pull", image)).hasMessageContaining("no basic auth credentials");
        host.run(
                "sh",
                "-c",
                "printf '%s' \"$2\" | docker login -u \"$1\" --password-stdin registry.test:5000",
                "-",
                testbed.registry().username(),
                testbed.registry().password());
        host.run("docker", "pull", image);
        host.run("docker", "logout", Registry.ADDRESS);
        host.run("docker", "run", "-d", "--name", "probe", "-p", "127.0.0.1:7000:8080", image);

        assertThat(host.run("curl", "-fsS", "--retry", "5", "--retry-connrefused", "http://127.0.0.1:7000/health"))
                .contains("\"version\":\"" + release.tag() + "\"");
        host.run("docker", "rm", "-f", "probe");
    }

    @Test
    void deployUserLogsInWithThePinnedHostKeyAndReachesEngineAndCompose() throws Exception {
        for (TargetHost host : testbed.hosts()) {
            Path known = testbed.scratch("ssh-test").resolve("known-" + host.name());
            Files.writeString(known, host.address() + " " + host.hostKey() + "\n");

            assertThat(ssh(host, known, "docker compose version --short && docker ps -q && id -un"))
                    .startsWith("2.")
                    .endsWith("deploy");
        }
    }

    private String ssh(TargetHost host, Path knownHosts, String command) {
        return Command.in(
                        Path.of("/"),
                        "ssh",
                        "-F",
                        "none",
                        "-i",
                        testbed.sshKey().toString(),
                        "-o",
                        "BatchMode=yes",
                        "-o",
                        "UserKnownHostsFile=" + knownHosts,
                        "-o",
                        "StrictHostKeyChecking=yes",
                        host.user() + "@" + host.address(),
                        command)
                .run();
    }

    @Test
    void hostIsTheSameAfterRebootAndCut() throws Exception {
        TargetHost host = testbed.host("web-2");
        String key = host.hostKey();
        String address = host.address();
        Path known = testbed.scratch("ssh-test").resolve("known-reboot");
        Files.writeString(known, address + " " + key + "\n");

        host.reboot();
        assertThat(ssh(host, known, "id -un")).isEqualTo("deploy");
        host.cut();
        assertThat(Command.in(
                                Path.of("/"),
                                "sh",
                                "-c",
                                "ping -c 1 -W 1 " + address + " >/dev/null 2>&1 && echo up || echo down")
                        .run())
                .isEqualTo("down");
        host.reconnect();
        assertThat(ssh(host, known, "id -un")).isEqualTo("deploy");
    }

    @Test
    void vaultAcceptsTheJobsTokenAndRefusesChangedClaims() throws Exception {
        DeployEnvironment staging = testbed.environment("staging");
        RunnerJob job = staging.job(staging.release());

        JsonNode login = login("shop-staging", staging.token(job, token -> token));
        assertThat(login.path("auth").path("token_policies").toString()).contains("shop-staging");
        assertThat(testbed.vault()
                        .call("GET", "kv/data/shop/staging", Map.of())
                        .at("/data/data/database_password")
                        .asText())
                .isEqualTo(staging.databasePassword());
        assertThat(testbed.vault().requests()).contains("auth/jwt/login");
        assertThatThrownBy(() -> login("shop-production", staging.token(job, token -> token)))
                .hasMessageContaining("400");
        assertThatThrownBy(() ->
                        login("shop-staging", staging.token(job, token -> token.with("ref_protected", "false"))))
                .hasMessageContaining("400");
        assertThatThrownBy(() -> login(
                        "shop-staging",
                        testbed.gitLab().idToken(job, Configuration.AUDIENCE).signedBy(SigningKeys.generate())))
                .hasMessageContaining("400");
    }

    private JsonNode login(String role, String token) {
        return testbed.vault().call("POST", "auth/jwt/login", Map.of("role", role, "jwt", token));
    }

    @Test
    void sealedVaultRefusesUntilItIsUnsealed() throws IOException {
        testbed.vault().seal();
        assertThatThrownBy(() -> testbed.vault().call("GET", "sys/mounts", Map.of()))
                .hasMessageContaining("503");
        testbed.vault().unseal();
        assertThat(testbed.vault().call("GET", "sys/mounts", Map.of()).has("data"))
                .isTrue();
    }

    @Test
    void gitLabFailsWhenToldToAndCountsWhatItWasAskedFor() throws Exception {
        testbed.gitLab().forgetRequests();
        testbed.gitLab().fail("/oauth", 503);
        assertThat(status(testbed.gitLab().jwksUrl())).isEqualTo("503");
        testbed.gitLab().recover();
        assertThat(status(testbed.gitLab().jwksUrl())).isEqualTo("200");
        assertThat(testbed.gitLab().requests()).containsExactly("/oauth/discovery/keys", "/oauth/discovery/keys");
    }

    private static String status(String url) {
        return Command.in(Path.of("/"), "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", url)
                .run();
    }
}
