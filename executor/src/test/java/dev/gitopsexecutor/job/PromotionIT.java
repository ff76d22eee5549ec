package dev.gitopsexecutor.job;

import static dev.gitopsexecutor.job.JobAssertions.assertStatus;
import static dev.gitopsexecutor.testbed.JobResult.Status.SCRIPT_FAILURE;
import static dev.gitopsexecutor.testbed.JobResult.Status.SUCCESS;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.ledger.Ledger;
import dev.gitopsexecutor.testbed.AppVariant;
import dev.gitopsexecutor.testbed.DeployEnvironment;
import dev.gitopsexecutor.testbed.JobResult;
import dev.gitopsexecutor.testbed.Promotion;
import dev.gitopsexecutor.testbed.RealParts;
import dev.gitopsexecutor.testbed.Release;
import dev.gitopsexecutor.testbed.RunningJob;
import dev.gitopsexecutor.testbed.Testbed;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Production runs what staging has proven, and nothing while it is frozen; unless somebody who may breaks the glass. */
@RealParts
class PromotionIT {

    @Test
    void productionTakesWhatStagingHasProven(Testbed testbed) throws Exception {
        Promotion promotion = testbed.newEnvironment("promotion").createPromotion();
        DeployEnvironment staging = promotion.staging();
        DeployEnvironment production = promotion.production();
        Release release = staging.release();

        JobResult early = production.runner().run(production.manualJob(production.promoted(release)));
        assertStatus(early, SCRIPT_FAILURE);
        assertThat(early.log())
                .contains("saw:  promotes_from: nothing of this project was verified in " + staging.name())
                .doesNotContain("Reading secrets");

        assertStatus(staging.runner().run(staging.job(release)), SUCCESS);
        JobResult promoted = production.runner().run(production.manualJob(production.promoted(release)));
        assertStatus(promoted, SUCCESS);
        assertThat(production.answer(production.hosts().getFirst())).contains(release.tag());

        Release fresh = production.release();
        JobResult rebuilt = production.runner().run(production.manualJob(fresh));
        assertStatus(rebuilt, SCRIPT_FAILURE);
        assertThat(rebuilt.log())
                .contains("saw:  promotes_from: %s never had all images of this release".formatted(staging.name()));
        assertThat(production.answer(production.hosts().getFirst()))
                .as("untouched")
                .contains(release.tag());
    }

    @Test
    void productionDoesNotTakeWhatFailedInStaging(Testbed testbed) throws Exception {
        Promotion promotion = testbed.newEnvironment("failed").createPromotion();
        DeployEnvironment staging = promotion.staging();
        DeployEnvironment production = promotion.production();
        assertStatus(staging.runner().run(staging.job(staging.release())), SUCCESS);
        Release bad = staging.release(AppVariant.UNHEALTHY);
        assertStatus(staging.runner().run(staging.job(bad)), SCRIPT_FAILURE);

        JobResult result = production.runner().run(production.manualJob(production.promoted(bad)));

        assertStatus(result, SCRIPT_FAILURE);
        assertThat(result.log()).contains("saw:  promotes_from: these images failed in " + staging.name());
    }

    @Test
    void productionDoesNotTakeWhatIsNotWellInStagingAnyMore(Testbed testbed) throws Exception {
        Promotion promotion = testbed.newEnvironment("unwell").createPromotion();
        DeployEnvironment staging = promotion.staging();
        DeployEnvironment production = promotion.production();
        Release release = staging.release();
        assertStatus(staging.runner().run(staging.job(release)), SUCCESS);
        staging.hosts()
                .getFirst()
                .run(
                        "sh",
                        "-c",
                        "docker exec $(docker ps -q --filter label=com.docker.compose.project=" + staging.project()
                                + ") sh -c ': > /www/health'");

        JobResult again = staging.runner().run(staging.job(release));

        assertStatus(again, SCRIPT_FAILURE);
        assertThat(again.log()).contains("[CHECK_FAILED]", "the wanted release ran there already; nothing was changed");
        assertThat(deployments(staging)).startsWith("no_longer_well", "deployed");
        JobResult result = production.runner().run(production.manualJob(production.promoted(release)));
        assertStatus(result, SCRIPT_FAILURE);
        assertThat(result.log()).contains("saw:  promotes_from: these images failed in " + staging.name());
    }

    @Test
    void aDeployWhoseExecutorDiesProvesNothing(Testbed testbed) throws Exception {
        Promotion promotion = testbed.newEnvironment("died").createPromotion();
        DeployEnvironment staging = promotion.staging();
        DeployEnvironment production = promotion.production();
        Release release = staging.release();
        RunningJob running = staging.runner().start(staging.job(release));
        assertThat(running.log()
                        .await(log -> log.contains("is current, its containers are started"), Duration.ofMinutes(1)))
                .isTrue();
        running.kill();
        running.result();

        assertThat(deployments(staging)).containsExactly("begun");
        JobResult result = production.runner().run(production.manualJob(production.promoted(release)));
        assertStatus(result, SCRIPT_FAILURE);
        assertThat(result.log())
                .contains("saw:  promotes_from: nothing of this project was verified in " + staging.name());
    }

    @Test
    void productionHasEveryVariableThatStagingHad(Testbed testbed) throws Exception {
        Promotion promotion = testbed.newEnvironment("keys").createPromotion();
        DeployEnvironment staging = promotion.staging();
        DeployEnvironment production = promotion.production();
        Release forgotten = staging.release(AppVariant.HEALTHY, staging.branch(), PromotionIT::withMoreInStaging);
        assertStatus(staging.runner().run(staging.job(forgotten)), SUCCESS);

        JobResult denied = production.runner().run(production.manualJob(production.promoted(forgotten)));
        assertStatus(denied, SCRIPT_FAILURE);
        assertThat(denied.log())
                .contains(
                        "[POLICY_DENIED]",
                        "saw:  env_keys: missing here: SMTP_HOST; wanted: every variable that " + staging.name()
                                + " had at ");
        assertThat(production.hosts().getFirst().run("ls", production.directory()))
                .as("untouched")
                .isEmpty();

        Release deliberate = staging.release(
                AppVariant.HEALTHY,
                staging.branch(),
                files -> withMoreInStaging(changed(
                        files,
                        "  %s:\n".formatted(production.name()),
                        "  %s:\n    without: [SMTP_HOST]\n".formatted(production.name()))));
        assertStatus(staging.runner().run(staging.job(deliberate)), SUCCESS);
        assertStatus(production.runner().run(production.manualJob(production.promoted(deliberate))), SUCCESS);

        Release old = staging.release(AppVariant.HEALTHY, staging.branch(), PromotionIT::withMoreInStaging);
        assertStatus(staging.runner().run(staging.job(old)), SUCCESS);
        forgetVariables(production.configuration().stateDirectory());
        JobResult unknown = production.runner().run(production.manualJob(production.promoted(old)));
        assertStatus(unknown, SUCCESS);
        assertThat(unknown.log()).contains("was recorded without the names of its variables, so they are not compared");
    }

    private static Map<String, String> withMoreInStaging(Map<String, String> files) {
        return changed(files, "LOG_LEVEL: debug\n", "LOG_LEVEL: debug\n      SMTP_HOST: mail.example.com\n");
    }

    /** Where {@code found} stands first in deploy.yaml, which is in staging for what both environments have. */
    private static Map<String, String> changed(Map<String, String> files, String found, String replacement) {
        String text = requireNonNull(files.get(".gitops/deploy.yaml"));
        int at = text.indexOf(found);
        assertThat(at).isNotNegative();
        files.put(".gitops/deploy.yaml", text.substring(0, at) + replacement + text.substring(at + found.length()));
        return files;
    }

    /** As if a program that recorded no names had deployed. */
    private static void forgetVariables(Path stateDirectory) throws SQLException {
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + Ledger.in(stateDirectory));
                var statement = connection.createStatement()) {
            statement.executeUpdate("UPDATE deployment SET variables = NULL");
        }
    }

    /** Outcomes, the newest first. */
    private static List<String> deployments(DeployEnvironment environment) throws Exception {
        return Launcher.run(
                        "deployments",
                        environment.name(),
                        "--config=" + environment.configuration().executorYaml())
                .lines()
                .skip(1)
                .map(line -> line.replaceFirst("^\\S+\\s+(\\S+).*", "$1"))
                .toList();
    }

    @Test
    void aFreezeStopsDeploysUnlessTheGlassIsBroken(Testbed testbed) throws Exception {
        Promotion promotion = testbed.newEnvironment("frozen")
                .rules(
                        "freezes: {always: {from: \"2020-01-01 00:00\", until: \"2999-01-01 00:00\"}}",
                        "break_glass: {users: [42]}")
                .createPromotion();
        DeployEnvironment production = promotion.production();
        Release release = production.release();

        JobResult frozen = production.runner().run(production.manualJob(release));
        assertStatus(frozen, SCRIPT_FAILURE);
        assertThat(frozen.log())
                .contains("saw:  freeze: freeze \"always\" until 2999-01-01 00:00 UTC; wanted: no freeze at ")
                .contains(
                        "next: Wait until it ends, or have an operator break the glass (`gitops-executor break-glass`)");

        production.breakGlass("checkout is down");
        JobResult broken = production.runner().run(production.manualJob(release));
        assertStatus(broken, SUCCESS);
        assertThat(broken.log()).contains("The glass is broken: checkout is down (broken by ");
    }
}
