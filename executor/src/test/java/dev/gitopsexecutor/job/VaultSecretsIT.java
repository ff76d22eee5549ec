package dev.gitopsexecutor.job;

import static dev.gitopsexecutor.job.JobAssertions.assertRuns;
import static dev.gitopsexecutor.job.JobAssertions.assertStatus;
import static dev.gitopsexecutor.testbed.JobResult.Status.SCRIPT_FAILURE;
import static dev.gitopsexecutor.testbed.JobResult.Status.SUCCESS;
import static dev.gitopsexecutor.testbed.JobResult.Status.SYSTEM_FAILURE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gitopsexecutor.testbed.AppVariant;
import dev.gitopsexecutor.testbed.DeployEnvironment;
import dev.gitopsexecutor.testbed.JobResult;
import dev.gitopsexecutor.testbed.PostgresServer;
import dev.gitopsexecutor.testbed.RealParts;
import dev.gitopsexecutor.testbed.Release;
import dev.gitopsexecutor.testbed.TargetHost;
import dev.gitopsexecutor.testbed.Testbed;
import dev.gitopsexecutor.testbed.TestbedException;
import dev.gitopsexecutor.testbed.VaultServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Secrets of every kind that Vault has, in deploys by the launcher. */
@RealParts
class VaultSecretsIT {

    @Test
    void deploysTheVersionThatIsNamed(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("pinned").create();
        testbed.vault().write(environment.secretPath(), Map.of("database_password", "a newer value"));
        Release release = release(
                environment,
                AppVariant.HEALTHY,
                "DATABASE_PASSWORD: %s@1#database_password".formatted(environment.secretPath()));

        JobResult result = environment.runner().run(environment.job(release));

        assertStatus(result, SUCCESS);
        assertThat(result.log()).contains("kv/%s, version 1 of ".formatted(environment.secretPath()));
        assertThat(env(environment)).containsKey("DATABASE_PASSWORD").doesNotContainValue("a newer value");
    }

    @Test
    void deploysFromAnEngineOfVersionOne(Testbed testbed) throws Exception {
        VaultServer vault = testbed.vault();
        vault.call("POST", "sys/mounts/old", Map.of("type", "kv", "options", Map.of("version", "1")));
        DeployEnvironment environment = testbed.newEnvironment("old-engine")
                .vaultRules("mount: old, kv_version: 1")
                .create();
        vault.allowMore(environment.vaultRole(), "path \"old/shop/*\" { capabilities = [\"read\"] }\n");
        vault.call("POST", "old/" + environment.secretPath(), Map.of("database_password", "of the first engine"));
        vault.call(
                "POST",
                "old/shop/registry",
                Map.of(
                        "username", testbed.registry().username(),
                        "password", testbed.registry().password()));

        JobResult result = environment.runner().run(environment.job(environment.release()));

        assertStatus(result, SUCCESS);
        assertThat(env(environment)).containsEntry("DATABASE_PASSWORD", "of the first engine");
        assertThat(result.log()).contains("has no version, so nobody can tell its age");
    }

    @Test
    void makesDatabaseUsersThatLiveAsLongAsTheirReleases(Testbed testbed) throws Exception {
        PostgresServer postgres = testbed.postgres();
        DeployEnvironment environment = dynamic(testbed, "dynamic");

        Release first = release(environment, AppVariant.HEALTHY, DATABASE);
        JobResult green = environment.runner().run(environment.job(first));
        assertStatus(green, SUCCESS);
        assertThat(green.log())
                .contains("database/creds/%s, made for this release, until ".formatted(environment.name()))
                .doesNotContain("Nobody renews");
        String user = env(environment).getOrDefault("DB_USER", "none");
        String password = env(environment).getOrDefault("DB_PASSWORD", "none");
        assertThat(postgres.query(user, password, "SELECT current_user")).isEqualTo(user);
        assertThat(held(environment)).hasSize(1);

        JobResult red = environment.runner().run(environment.job(release(environment, AppVariant.UNHEALTHY, DATABASE)));
        assertStatus(red, SCRIPT_FAILURE);
        assertRuns(environment, environment.hosts().getFirst(), first);
        assertThat(postgres.users())
                .as("what was made for the release that failed is gone, what runs has its user")
                .containsExactly(user);

        for (int i = 0; i < 3; i++) {
            assertStatus(
                    environment.runner().run(environment.job(release(environment, AppVariant.HEALTHY, DATABASE))),
                    SUCCESS);
        }
        assertThat(postgres.users())
                .as("the three releases that a host can go back to")
                .hasSize(3)
                .doesNotContain(user);
        assertThat(held(environment)).hasSize(3);
        assertThatThrownBy(() -> postgres.query(user, password, "SELECT 1")).isInstanceOf(TestbedException.class);

        assertThat(Launcher.run(
                        "reap", "--config=" + environment.configuration().executorYaml()))
                .contains("token of Vault for %1$s/%1$s, release ".formatted(environment.name()));
        assertThat(postgres.users()).hasSize(3);
    }

    @Test
    void refusesWhatHasALeaseWhereThePolicyKeepsNone(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("no-leases").create();
        JobResult result =
                environment.runner().run(environment.job(release(environment, AppVariant.HEALTHY, DATABASE)));

        assertStatus(result, SCRIPT_FAILURE);
        assertThat(result.log())
                .contains("[SECRET_REFUSED]")
                .contains("DB_USER: database/creds/%s is made at each read, and the policy keeps no leases"
                        .formatted(environment.name()));
    }

    @Test
    void logsInWithAKeyFromVault(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("ssh-secret")
                .sshRule("ssh_key_secret: shop/ssh#private_key")
                .create();
        String key = Files.readString(testbed.sshKey());
        testbed.vault().allowMore(environment.vaultRole(), "path \"kv/data/shop/ssh\" { capabilities = [\"read\"] }\n");
        testbed.vault().delete("shop/ssh");
        Release release = environment.release();

        JobResult missing = environment.runner().run(environment.job(release));
        assertStatus(missing, SYSTEM_FAILURE);
        assertThat(missing.log())
                .contains("[SSH_KEY_UNUSABLE]", "on:   kv/shop/ssh#private_key in Vault", "shop/ssh does not exist");

        testbed.vault().write("shop/ssh", Map.of("private_key", "-----BEGIN OPENSSH PRIVATE KEY-----\nnonsense\n"));
        JobResult nonsense = environment.runner().run(environment.job(release));
        assertStatus(nonsense, SYSTEM_FAILURE);
        assertThat(nonsense.log()).contains("[SSH_KEY_UNUSABLE]").doesNotContain("nonsense");

        testbed.vault().write("shop/ssh", Map.of("private_key", key));
        JobResult result = environment.runner().run(environment.job(release));
        assertStatus(result, SUCCESS);
        assertThat(result.log()).doesNotContain(key.lines().skip(1).findFirst().orElseThrow());
    }

    @Test
    void logsInWithACertificateOfMinutes(Testbed testbed) throws Exception {
        DeployEnvironment own = testbed.newEnvironment("certified")
                .withOwnIdentity()
                .sshRule("ssh_certificate: {role: shop}")
                .create();
        DeployEnvironment jobs = testbed.newEnvironment("certified-job")
                .sshRule("ssh_certificate: {role: shop}")
                .create();
        trustVault(testbed, own.hosts().getFirst());
        testbed.vault().allowMore(jobs.vaultRole(), "path \"ssh/sign/shop\" { capabilities = [\"update\"] }\n");

        assertStatus(own.runner().run(own.job(own.release())), SUCCESS);
        assertStatus(jobs.runner().run(jobs.job(jobs.release())), SUCCESS);
        assertThat(held(own)).isEmpty();
        assertThat(held(jobs)).isEmpty();

        testbed.vault().call("DELETE", "ssh/roles/shop", Map.of());
        JobResult unsigned = own.runner().run(own.job(own.release()));
        assertStatus(unsigned, SYSTEM_FAILURE);
        assertThat(unsigned.log())
                .contains("Cannot have an SSH key signed by Vault. [VAULT_REFUSED]", "saw:  there is no such role");
    }

    private static final String DATABASE = "DB_USER: dynamic:database/creds/%1$s#username\n"
            + "      DB_PASSWORD: dynamic:database/creds/%1$s#password";

    private static DeployEnvironment dynamic(Testbed testbed, String name) throws IOException {
        DeployEnvironment environment =
                testbed.newEnvironment(name).withOwnIdentity().create();
        String role = environment.name() + "-lasting";
        environment
                .configuration()
                .writePolicy(Files.readString(environment.configuration().policyYaml())
                        .replace(
                                "vault: {",
                                "vault: {dynamic: {role: %s, paths: [database/creds/%s]}, "
                                        .formatted(role, environment.name())));
        testbed.postgres().mountIn(testbed.vault(), environment.name(), "24h");
        testbed.vault()
                .allowLike(
                        environment.vaultRole(),
                        role,
                        "path \"database/creds/%s\" { capabilities = [\"read\"] }".formatted(environment.name()),
                        "24h");
        return environment;
    }

    /** Vault's SSH engine may certify whom the host lets in. */
    private static void trustVault(Testbed testbed, TargetHost host) {
        VaultServer vault = testbed.vault();
        vault.call("POST", "sys/mounts/ssh", Map.of("type", "ssh"));
        vault.call("POST", "ssh/config/ca", Map.of("generate_signing_key", true, "key_type", "ed25519"));
        vault.call(
                "POST",
                "ssh/roles/shop",
                Map.of(
                        "key_type",
                        "ca",
                        "allow_user_certificates",
                        true,
                        "allowed_users",
                        host.user(),
                        "ttl",
                        "5m",
                        "max_ttl",
                        "10m",
                        "default_extensions",
                        Map.of("permit-port-forwarding", "")));
        String authority = vault.call("GET", "ssh/config/ca", Map.of())
                .at("/data/public_key")
                .asText();
        host.trustUsersOf(authority);
    }

    private static Release release(DeployEnvironment environment, AppVariant variant, String secrets)
            throws IOException, InterruptedException {
        return environment.release(variant, environment.branch(), files -> {
            Map<String, String> changed = new HashMap<>(files);
            changed.computeIfPresent(
                    ".gitops/deploy.yaml",
                    (_, text) -> text.replaceAll("DATABASE_PASSWORD: .*", secrets.formatted(environment.name())));
            return changed;
        });
    }

    /** The env file of the current release, of values without quotes and backslashes. */
    private static Map<String, String> env(DeployEnvironment environment) {
        Map<String, String> values = new TreeMap<>();
        environment
                .hosts()
                .getFirst()
                .run("cat", environment.directory() + "/current/.env")
                .lines()
                .map(line -> line.split("=", 2))
                .forEach(entry -> values.put(entry[0], entry[1].substring(1, entry[1].length() - 1)));
        return values;
    }

    /** The tokens that the executor has to care for. */
    private static List<Path> held(DeployEnvironment environment) throws IOException {
        Path directory = environment.configuration().stateDirectory().resolve("vault-tokens");
        if (Files.notExists(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".json")).toList();
        }
    }
}
