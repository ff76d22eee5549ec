package dev.gitopsexecutor.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gitopsexecutor.deploy.DeployOutcome.Deployed;
import dev.gitopsexecutor.deploy.DeployOutcome.NothingToRollBackTo;
import dev.gitopsexecutor.deploy.DeployOutcome.RolledBack;
import dev.gitopsexecutor.deploy.DeployOutcome.Unchanged;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.testbed.AppVariant;
import dev.gitopsexecutor.testbed.DeployEnvironment;
import dev.gitopsexecutor.testbed.RealParts;
import dev.gitopsexecutor.testbed.Release;
import dev.gitopsexecutor.testbed.TargetHost;
import dev.gitopsexecutor.testbed.Testbed;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Deploys on real hosts, from their plan to their proof or back. */
@RealParts
class DeployIT {

    @Test
    void bringsTwoHostsToTheRelease(Testbed testbed) throws Exception {
        DeployEnvironment environment = two(testbed, "happy");
        DeployWorld world = new DeployWorld(testbed, environment);
        Release first = environment.release();
        assertThat(world.deploy(first)).isInstanceOf(Deployed.class);
        Release second = environment.release();
        DeployOutcome outcome = world.deploy(second);

        assertThat(outcome).as(world.log()).isInstanceOf(Deployed.class);
        assertThat(OutcomeTable.render(outcome))
                .hasSize(3)
                .last()
                .asString()
                .matches("web-2 +%s +%s +\\w{12} -> \\w{12} +health version digest +\\d+\\.\\d"
                        .formatted(first.tag(), second.tag()));
        for (TargetHost host : environment.hosts()) {
            assertThat(environment.answer(host)).contains(second.tag());
            assertThat(world.image(host)).endsWith(second.tag() + "@" + second.digest());
            assertThat(host.run(
                            "stat",
                            "-c",
                            "%a %U",
                            environment.directory() + "/current/.env",
                            environment.directory() + "/.gitops"))
                    .isEqualTo("600 deploy\n700 deploy\n");
        }
        assertThat(world.log()).doesNotContain(environment.databasePassword());
    }

    @Test
    void givesTheServiceEveryVariableExactly(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("exact").create();
        DeployWorld world = new DeployWorld(testbed, environment);
        world.deploy(environment.release());
        String seen = environment
                .hosts()
                .getFirst()
                .run(
                        "docker",
                        "exec",
                        environment.project() + "-app-1",
                        "/bin/sh",
                        "-c",
                        "printf '%s|%s' \"$LOG_LEVEL\" \"$DATABASE_PASSWORD\"");
        assertThat(seen).isEqualTo("debug|" + environment.databasePassword());
    }

    @Test
    void leavesNoCredentialOfTheRegistryBehind(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("credential").create();
        DeployWorld world = new DeployWorld(testbed, environment);
        world.deploy(environment.release());
        TargetHost host = environment.hosts().getFirst();
        assertThat(host.run("sh", "-c", "ls -A /dev/shm /home/deploy/.docker 2>/dev/null || :"))
                .doesNotContain("gitops-executor", "config.json");
    }

    @Test
    void restartsNothingWhenNothingChanged(Testbed testbed) throws Exception {
        DeployEnvironment environment = two(testbed, "same");
        DeployWorld world = new DeployWorld(testbed, environment);
        Release release = environment.release();
        world.deploy(release);
        TargetHost host = environment.hosts().getFirst();
        String started = world.started(host);
        String current = world.current(host);

        assertThat(world.deploy(release)).as(world.log()).isInstanceOf(Unchanged.class);
        assertThat(world.started(host)).isEqualTo(started);
        assertThat(world.current(host)).isEqualTo(current);
    }

    @ParameterizedTest
    @CsvSource({
        "UNHEALTHY, last seen: status 404",
        "WRONG_VERSION, wanted:    version",
        "CRASHES, cannot start: no database",
    })
    void putsThePreviousReleaseBackWhenTheNewOneIs(AppVariant variant, String seen, Testbed testbed) throws Exception {
        DeployEnvironment environment = two(testbed, "back");
        DeployWorld world = new DeployWorld(testbed, environment);
        Release good = environment.release();
        world.deploy(good);
        DeployOutcome outcome = world.deploy(environment.release(variant));

        assertThat(outcome).as(world.log()).isInstanceOf(RolledBack.class);
        assertThat(world.log()).contains(seen);
        assertThat(outcome.failure().orElseThrow().code()).isEqualTo(FailureCode.CHECK_FAILED);
        for (TargetHost host : environment.hosts()) {
            assertThat(environment.answer(host)).contains(good.tag());
            assertThat(world.image(host)).endsWith(good.digest());
            assertThat(host.run("sh", "-c", "ls -A $0/.gitops/failed/*", environment.directory()))
                    .contains("evidence.txt", "release.json")
                    .doesNotContain(".env");
        }
        assertThat(world.log()).doesNotContain(environment.databasePassword());
        Release fixed = environment.release();
        assertThat(world.deploy(fixed)).isInstanceOf(Deployed.class);
    }

    @Test
    void stopsTheFirstReleaseWhenItFails(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("first").create();
        DeployWorld world = new DeployWorld(testbed, environment);
        DeployOutcome outcome = world.deploy(environment.release(AppVariant.UNHEALTHY));
        TargetHost host = environment.hosts().getFirst();
        assertThat(outcome).as(world.log()).isInstanceOf(NothingToRollBackTo.class);
        assertThat(world.image(host)).isEmpty();
        assertThat(world.current(host)).isEmpty();
        assertThat(world.log()).contains("there is nothing to go back to");
    }

    @Test
    void refusesComposeFileWithEveryReason(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("broken").create();
        DeployWorld world = new DeployWorld(testbed, environment);
        String good = world.compose();
        String sha = environment.release().sha();

        world.compose(good.replace("ports:", "prots:"));
        assertThat(refusal(world, sha)).contains("prots");
        world.compose(good.replace("app:", "web:"));
        assertThat(refusal(world, sha)).contains("deploy.yaml names the service \"app\", the file has only web");
        world.compose(good + "    build: .\n    environment: {LOG_LEVEL: info}\n");
        assertThat(refusal(world, sha))
                .contains("service \"app\" has build:.")
                .contains("sets LOG_LEVEL under environment:, which would win over deploy.yaml");
        assertThat(environment.hosts().getFirst().run("ls", "-A", environment.directory()))
                .isEmpty();
    }

    @Test
    void saysThatAnImageIsNotThere(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("imageless").create();
        DeployWorld world = new DeployWorld(testbed, environment);
        assertThatThrownBy(() -> world.deploy("never-pushed", "a".repeat(40)))
                .isInstanceOfSatisfying(ExecutorException.class, failed -> {
                    assertThat(failed.code()).isEqualTo(FailureCode.IMAGE_UNAVAILABLE);
                    assertThat(failed.failure().saw()).contains("manifest unknown");
                });
    }

    @Test
    void refusesOlderPipelineThanTheOneThatRuns(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("outdated").create();
        DeployWorld world = new DeployWorld(testbed, environment);
        Release old = environment.release();
        world.pipeline(9001).deploy(environment.release());
        assertThatThrownBy(() -> world.pipeline(9000).deploy(old))
                .isInstanceOfSatisfying(
                        ExecutorException.class,
                        failed -> assertThat(failed.code()).isEqualTo(FailureCode.OUTDATED));
        assertThat(world.pipeline(9001).deploy(old)).isInstanceOf(Deployed.class);
    }

    @Test
    void endsOnTheOldReleaseWhenCanceledWhileItChangesHosts(Testbed testbed) throws Exception {
        DeployEnvironment environment = two(testbed, "canceled");
        DeployWorld world = new DeployWorld(testbed, environment);
        Release good = environment.release();
        world.deploy(good);
        Release bad = environment.release(AppVariant.UNHEALTHY);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<DeployOutcome> deploy = threads.submit(() -> world.deploy(bad));
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> world.log().contains("is current, its"));
            world.cancellation().request();
            DeployOutcome outcome = deploy.get();
            assertThat(outcome).as(world.log()).isInstanceOf(RolledBack.class);
            assertThat(outcome.failure().orElseThrow().code()).isIn(FailureCode.CANCELED, FailureCode.CHECK_FAILED);
        }
        for (TargetHost host : environment.hosts()) {
            assertThat(environment.answer(host)).contains(good.tag());
        }
    }

    @Test
    void changesNothingWhenCanceledBefore(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("early").create();
        DeployWorld world = new DeployWorld(testbed, environment);
        Release release = environment.release();
        world.cancellation().request();
        assertThatThrownBy(() -> world.deploy(release))
                .isInstanceOfSatisfying(
                        ExecutorException.class,
                        failed -> assertThat(failed.code()).isEqualTo(FailureCode.CANCELED));
        assertThat(world.current(environment.hosts().getFirst())).isEmpty();
    }

    @Test
    void putsHostBackWhoseConnectionWasCutWhileItWasChanged(Testbed testbed) throws Exception {
        DeployEnvironment environment =
                testbed.newEnvironment("cut").on("web-2").create();
        DeployWorld world = new DeployWorld(testbed, environment);
        Release good = environment.release();
        world.deploy(good);
        Release next = environment.release(AppVariant.UNHEALTHY);
        TargetHost host = environment.hosts().getFirst();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<DeployOutcome> deploy = threads.submit(() -> world.deploy(next));
            int before = world.log().length();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> world.log().substring(before).contains("is current, its"));
            host.cut();
            try {
                Awaitility.await()
                        .atMost(Duration.ofSeconds(60))
                        .until(() -> world.log().contains("connecting again"));
            } finally {
                host.reconnect();
            }
            assertThat(deploy.get()).as(world.log()).isInstanceOf(RolledBack.class);
        }
        assertThat(environment.answer(host)).contains(good.tag());
        assertThat(world.image(host)).endsWith(good.digest());
    }

    @Test
    void letsTwoDeployersOfTheSameHostsFinishOneAfterTheOther(Testbed testbed) throws Exception {
        DeployEnvironment environment = two(testbed, "race");
        DeployWorld one = new DeployWorld(testbed, environment);
        DeployWorld other = new DeployWorld(testbed, environment);
        List<Release> releases = List.of(environment.release(), environment.release());
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<DeployOutcome> first = threads.submit(() -> one.deploy(releases.getFirst()));
            Future<DeployOutcome> second = threads.submit(() -> other.deploy(releases.getLast()));
            assertThat(first.get()).as(one.log()).isInstanceOf(Deployed.class);
            assertThat(second.get()).as(other.log()).isInstanceOf(Deployed.class);
        }
        assertThat(one.log() + other.log()).contains("waiting for the lock, held by job 102 (pipeline 9000");
        List<String> current =
                environment.hosts().stream().map(one::current).distinct().toList();
        assertThat(current).hasSize(1);
    }

    @Test
    void keepsThreeVerifiedReleases(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("kept").create();
        DeployWorld world = new DeployWorld(testbed, environment);
        for (int count = 0; count < 4; count++) {
            assertThat(world.deploy(environment.release())).isInstanceOf(Deployed.class);
        }
        TargetHost host = environment.hosts().getFirst();
        assertThat(host.run("ls", environment.directory() + "/.gitops/releases").lines())
                .hasSize(3)
                .contains(world.current(host));
    }

    private static DeployEnvironment two(Testbed testbed, String name) throws Exception {
        return testbed.newEnvironment(name).on("web-1", "web-2").create();
    }

    private static String refusal(DeployWorld world, String sha) throws InterruptedException {
        try {
            return "not refused: " + world.deploy(sha.substring(0, 8), sha);
        } catch (ExecutorException refused) {
            assertThat(refused.code()).isEqualTo(FailureCode.COMPOSE_INVALID);
            return refused.failure().saw();
        }
    }
}
