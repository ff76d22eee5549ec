package dev.gitopsexecutor.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gitopsexecutor.deploy.DeployOutcome.Deployed;
import dev.gitopsexecutor.deploy.DeployOutcome.NothingToRollBackTo;
import dev.gitopsexecutor.deploy.DeployOutcome.Overtaken;
import dev.gitopsexecutor.deploy.DeployOutcome.RollbackFailed;
import dev.gitopsexecutor.deploy.DeployOutcome.RolledBack;
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
import org.junit.jupiter.api.parallel.ResourceLock;

/** What a deploy does on real hosts when it is disturbed, beyond what whole jobs show. */
@RealParts
class DeployIT {

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
        world.compose(good + "    build: .\n    environment: {LOG_LEVEL: }\n    volumes: [\"./data:/data\", \"x:/x\"]\n"
                + "    configs: [nginx]\nvolumes: {x: {}}\nconfigs: {nginx: {file: conf/nginx.conf}}\n");
        assertThat(refusal(world, sha))
                .contains("service \"app\" has build:.")
                .contains("service \"app\" mounts the relative path \"./data\", which no host has")
                .contains("configs \"nginx\" mounts the relative path \"./conf/nginx.conf\"")
                .doesNotContain("./x")
                .contains("sets LOG_LEVEL itself, under environment: or env_file:, beside deploy.yaml");
        assertThat(environment.hosts().getFirst().run("ls", "-A", environment.directory()))
                .isEmpty();
    }

    @Test
    void refusesComposeFileThatNeverEndsAndEndsItsReader(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("bomb").create();
        DeployWorld world = new DeployWorld(testbed, environment);
        StringBuilder bomb = new StringBuilder("x-0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int level = 1; level < 9; level++) {
            String ten = "*a%d, ".formatted(level - 1).repeat(9) + "*a" + (level - 1);
            bomb.append("x-%d: &a%d [%s]\n".formatted(level, level, ten));
        }
        world.compose(bomb + world.compose());

        assertThat(refusal(world, environment.release().sha())).contains("Compose did not come to the end of the file");

        TargetHost host = environment.hosts().getFirst();
        assertThat(host.run("sh", "-c", "pgrep -f '[c]ompose -p %s' || :".formatted(environment.project())))
                .as("what read the file is gone")
                .isEmpty();
    }

    @Test
    void saysWhatComposeSaysOfAPortThatIsTaken(Testbed testbed) throws Exception {
        DeployWorld owner =
                new DeployWorld(testbed, testbed.newEnvironment("port").create());
        DeployEnvironment environment = testbed.newEnvironment("taken").create();
        DeployWorld world = new DeployWorld(testbed, environment);
        Release release = environment.release();
        owner.deploy(release);
        world.compose(owner.compose());

        DeployOutcome outcome = world.deploy(release);

        assertThat(outcome).as(world.log()).isInstanceOf(NothingToRollBackTo.class);
        assertThat(outcome.failure().orElseThrow().block())
                .contains(
                        "Cannot start the services on \"web-1\". [START_FAILED]",
                        "Compose says:",
                        "port is already allocated")
                .contains("now: on web-1 there was nothing to go back to");
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
            Future<DeployOutcome> deploy = world.deployUntilStarted(threads, bad);
            world.cancellation().request();
            DeployOutcome outcome = deploy.get();
            assertThat(outcome).as(world.log()).isInstanceOf(RolledBack.class);
            assertThat(outcome.failure().orElseThrow().code()).isEqualTo(FailureCode.CANCELED);
        }
        for (TargetHost host : environment.hosts()) {
            assertThat(environment.answer(host)).contains(good.tag());
        }
    }

    @Test
    void saysWhatToDoWhenTheReleaseToGoBackToIsGone(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("stuck").create();
        DeployWorld world = new DeployWorld(testbed, environment);
        world.deploy(environment.release());
        TargetHost host = environment.hosts().getFirst();
        String good = world.current(host);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<DeployOutcome> deploy = world.deployUntilStarted(threads, environment.release(AppVariant.UNHEALTHY));
            String releases = environment.directory() + "/.gitops/releases/";
            host.run("rm", "-rf", releases + good);

            DeployOutcome outcome = deploy.get();

            assertThat(outcome).as(world.log()).isInstanceOf(RollbackFailed.class);
            assertThat(outcome.failure().orElseThrow().block())
                    .contains("[ROLLBACK_FAILED]", "health: status 404", releases + good + " is gone")
                    .contains("ln -sfn .gitops/releases/%s %s/current".formatted(good, environment.directory()))
                    .contains("--project-directory " + releases + good, " up -d --no-deps --pull never app");
            assertThat(host.run("ls", "-A", releases + world.current(host)))
                    .as("what is current keeps its files")
                    .contains(".env", "compose.yaml");
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
    @ResourceLock("web-3")
    void putsHostBackWhoseConnectionWasCutWhileItWasChanged(Testbed testbed) throws Exception {
        // Whoever uses that host locks it.
        DeployEnvironment environment =
                testbed.newEnvironment("cut").on("web-3").create();
        DeployWorld world = new DeployWorld(testbed, environment);
        Release good = environment.release();
        world.deploy(good);
        Release next = environment.release(AppVariant.UNHEALTHY);
        TargetHost host = environment.hosts().getFirst();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<DeployOutcome> deploy = world.deployUntilStarted(threads, next);
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
        one.deploy(environment.release());
        List<Release> releases = List.of(environment.release(), environment.release());
        TargetHost host = environment.hosts().getFirst();
        String lock = environment.directory() + "/.gitops/lock";
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<String> holder = threads.submit(() -> host.run("sh", "-c", "flock \"$0\" sleep 300 || :", lock));
            Future<DeployOutcome> first = threads.submit(() -> one.deploy(releases.getFirst()));
            Future<DeployOutcome> second = threads.submit(() -> other.deploy(releases.getLast()));
            Awaitility.await("both wait")
                    .atMost(Duration.ofMinutes(2))
                    .until(() -> one.log().contains("waiting for the lock")
                            && other.log().contains("waiting for the lock"));
            host.run("pkill", "-f", "^sleep 300$");
            holder.get();
            assertThat(first.get()).as(one.log()).isInstanceOf(Deployed.class);
            assertThat(second.get()).as(other.log()).isInstanceOf(Deployed.class);
        }
        List<String> current =
                environment.hosts().stream().map(one::current).distinct().toList();
        assertThat(current)
                .as("both hosts run the release of whoever came last")
                .hasSize(1);
    }

    @Test
    void leavesTheHostToTheDeployThatTookItOver(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("overtaken").create();
        DeployWorld world = new DeployWorld(testbed, environment);
        world.deploy(environment.release());
        TargetHost host = environment.hosts().getFirst();
        String state = environment.directory() + "/.gitops";
        String other = "cp -a $0/releases/%s $0/releases/other && ln -sfn .gitops/releases/other $0/../current"
                .formatted(world.current(host));
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<DeployOutcome> overtaken =
                    world.deployUntilStarted(threads, environment.release(AppVariant.UNHEALTHY));
            String holder = host.run("cat", state + "/holder").split(" ", -1)[0];
            Future<String> next = threads.submit(() -> host.run("flock", state + "/lock", "sh", "-c", other, state));
            Awaitility.await("the other one waits for the lock")
                    .until(() -> !host.run("sh", "-c", "pgrep -f \"^flock $0/lock\" || :", state)
                            .isEmpty());
            // Ends the SSH session of the lock's holder, and with it the lock: who waits gets it.
            host.run("sh", "-c", "kill -9 $(cut -d' ' -f4 /proc/$0/stat)", holder);
            next.get();

            assertThat(overtaken.get()).as(world.log()).isInstanceOf(Overtaken.class);
            assertThat(overtaken.get().failure().orElseThrow().block())
                    .contains(
                            "another deploy made other current meanwhile; it was left alone, nothing is to be done there")
                    .doesNotContain("act now");
        }
        assertThat(world.current(host)).isEqualTo("other");
    }

    @Test
    void keepsThreeVerifiedReleasesAndNothingElse(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("kept").create();
        DeployWorld world = new DeployWorld(testbed, environment);
        TargetHost host = environment.hosts().getFirst();
        String releases = environment.directory() + "/.gitops/releases";
        for (int count = 0; count < 4; count++) {
            assertThat(world.deploy(environment.release())).isInstanceOf(Deployed.class);
            // As an install leaves it that is cut off before the record, its last file, is there.
            host.run("su", TargetHost.USER, "-c", "mkdir $0/cut-off && touch $0/cut-off/compose.yaml", releases);
        }
        world.deploy(environment.release());
        assertThat(host.run("ls", releases).lines()).hasSize(3).contains(world.current(host));
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
