package dev.gitopsexecutor.job;

import static dev.gitopsexecutor.job.JobAssertions.assertStatus;
import static dev.gitopsexecutor.testbed.JobResult.Status.SCRIPT_FAILURE;
import static dev.gitopsexecutor.testbed.JobResult.Status.SUCCESS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.ledger.AuditLog;
import dev.gitopsexecutor.ledger.Ledger;
import dev.gitopsexecutor.ledger.SecretField;
import dev.gitopsexecutor.ledger.SecretSighting;
import dev.gitopsexecutor.secrets.SecretHashKey;
import dev.gitopsexecutor.secrets.SecretValue;
import dev.gitopsexecutor.testbed.AppVariant;
import dev.gitopsexecutor.testbed.DeployEnvironment;
import dev.gitopsexecutor.testbed.JobResult;
import dev.gitopsexecutor.testbed.RealParts;
import dev.gitopsexecutor.testbed.Release;
import dev.gitopsexecutor.testbed.Testbed;
import dev.gitopsexecutor.testbed.VaultServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A secret is as old as its value, however often it is written, and the policy may refuse an old one. */
@RealParts
class SecretAgeIT {

    @Test
    void refusesASecretThatIsTooOldUntilItHasANewValue(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("old-secret")
                .rules("secret_age: {block_days: 180}", "break_glass: {users: [42]}")
                .create();
        SecretField field = new SecretField(VaultServer.KV_MOUNT, environment.secretPath(), "database_password");
        String name = "DATABASE_PASSWORD (%s)".formatted(field);
        seenLongAgo(environment, field, environment.databasePassword());
        Release release = environment.release();

        // Version 2, a moment old, with the value of long ago.
        testbed.vault().write(environment.secretPath(), Map.of("database_password", environment.databasePassword()));
        JobResult refused = environment.runner().run(environment.job(release));
        assertStatus(refused, SCRIPT_FAILURE);
        assertThat(refused.log())
                .contains(name + " is 200 days old, for its value is that of version 1; refused since 180")
                .contains(
                        "[POLICY_DENIED]",
                        "saw:  secret_age: %s is 200 days old; wanted: less than 180".formatted(name));
        assertThat(environment.hosts().getFirst().run("ls", environment.directory()))
                .as("untouched")
                .isEmpty();
        assertThat(Files.readString(AuditLog.in(environment.configuration().stateDirectory())))
                .contains("\"result\":\"denied\",\"reasons\":[\"secret_age\"]");

        String newPassword = UUID.randomUUID().toString();
        testbed.vault().write(environment.secretPath(), Map.of("database_password", newPassword));
        JobResult rotated = environment.runner().run(environment.job(release));
        assertStatus(rotated, SUCCESS);
        assertThat(rotated.log()).contains("1 of 1 are younger than 75 days");
        assertThat(secrets(environment)).containsPattern(field + " +3 +- +0 d +0 d +fresh +notice at 75");

        String unproven = UUID.randomUUID().toString();
        testbed.vault().write(environment.secretPath(), Map.of("database_password", unproven));
        assertStatus(
                environment.runner().run(environment.job(environment.release(AppVariant.UNHEALTHY))), SCRIPT_FAILURE);
        assertThat(secrets(environment))
                .as("what was put back has the value of before")
                .containsPattern(field + " +3 +- +0 d +0 d +fresh +notice at 75");

        seenLongAgo(environment, field, unproven);
        environment.breakGlass("checkout is down");
        JobResult broken = environment.runner().run(environment.job(release));
        assertStatus(broken, SUCCESS);
        assertThat(broken.log())
                .contains(name + " is 200 days old, for its value is that of version 1; refused since 180");
        assertThat(secrets(environment)).containsPattern(field + " +4 +- +0 d +200 d +blocked +-");
    }

    /** As if this machine had read the value in a version 1 of 200 days ago. */
    private static void seenLongAgo(DeployEnvironment environment, SecretField field, String value) {
        Path state = environment.configuration().stateDirectory();
        String hash = SecretHashKey.open(SecretHashKey.in(state)).hash(field.toString(), SecretValue.of(value));
        Instant now = Instant.now();
        try (Ledger ledger = Ledger.open(Ledger.in(state))) {
            var version = new SecretSighting.Version(1, now.minus(Duration.ofDays(200)));
            ledger.see(List.of(new SecretSighting(field, hash, Optional.of(version))), now);
        }
    }

    private static String secrets(DeployEnvironment environment) throws Exception {
        return Launcher.run(
                "secrets",
                "--environment=" + environment.name(),
                "--config=" + environment.configuration().executorYaml());
    }
}
