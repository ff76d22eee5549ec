package dev.gitopsexecutor.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.deploy.DeployOutcome.Deployed;
import dev.gitopsexecutor.deploy.DeployOutcome.Mixed;
import dev.gitopsexecutor.deploy.DeployOutcome.RolledBack;
import dev.gitopsexecutor.policy.RolloutRule;
import dev.gitopsexecutor.policy.RolloutRule.OnFailure;
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

/** Waves of real hosts, and locks that are lost while {@code docker compose up} runs. */
@RealParts
class FleetIT {

    @Test
    @ResourceLock("web-3")
    void keepsProvenHostsAndPutsTheOneBackThatFailed(Testbed testbed) throws Exception {
        DeployEnvironment environment =
                testbed.newEnvironment("mixed").on("web-1", "web-2", "web-3").create();
        DeployWorld world = new DeployWorld(testbed, environment);
        world.rollout(new RolloutRule(1, 2, OnFailure.ROLL_BACK_FAILED));
        Release good = environment.release();
        world.deploy(good);
        String needed = environment.directory() + "-needed";
        environment.hosts().get(0).run("mkdir", needed);
        environment.hosts().get(2).run("mkdir", needed);
        world.compose(world.compose()
                + "    volumes: [{type: bind, source: %s, target: /x, bind: {create_host_path: false}}]\n"
                        .formatted(needed));
        Release next = environment.release();

        DeployOutcome outcome = world.deploy(next);

        assertThat(outcome).as(world.log()).isInstanceOf(Mixed.class);
        assertThat(outcome.failure().orElseThrow().block())
                .contains("[START_FAILED]", needed, "THE ENVIRONMENT IS MIXED: web-1, web-3 run the new release");
        assertThat(environment.hosts().stream().map(environment::answer))
                .satisfiesExactly(
                        one -> assertThat(one).contains(next.tag()),
                        two -> assertThat(two).contains(good.tag()),
                        three -> assertThat(three).contains(next.tag()));
        assertThat(world.log()).contains("Deploy wave 2 of 2: web-2, web-3", "web-3: health ok");
    }

    @Test
    @ResourceLock("web-3")
    void putsHostBackThatWasCutOffOrRebootedDuringUp(Testbed testbed) throws Exception {
        DeployEnvironment environment =
                testbed.newEnvironment("during-up").on("web-3").create();
        TargetHost host = environment.hosts().getFirst();
        String state = environment.directory() + "/.gitops";
        DeployWorld world = new DeployWorld(testbed, environment);
        // A signal that stops nothing: `up` waits for as long as the container is given.
        world.compose(world.compose() + "    stop_signal: SIGCHLD\n    stop_grace_period: 10s\n");
        Release good = environment.release();
        world.deploy(good);

        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<DeployOutcome> cut = deployUntilUp(threads, world, environment, environment.release());
            host.cut();
            try {
                String both = host.run(
                        "sh",
                        "-c",
                        "flock -n $0/lock true && echo free; pgrep -f '[c]ompose.* up ' >/dev/null && echo up",
                        state);
                assertThat(both.strip()).as("the lock is held while `up` runs").isEqualTo("up");
                Awaitility.await()
                        .atMost(Duration.ofSeconds(60))
                        .until(() -> world.log().contains("connection was lost, connecting again"));
            } finally {
                host.reconnect();
            }
            assertThat(cut.get()).as(world.log()).isInstanceOf(RolledBack.class);
            assertThat(environment.answer(host)).contains(good.tag());

            int before = world.log().length();
            Future<DeployOutcome> rebooted = deployUntilUp(threads, world, environment, environment.release());
            host.reboot();
            assertThat(rebooted.get()).as(world.log()).isInstanceOf(RolledBack.class);
            assertThat(environment.answer(host)).contains(good.tag());
            assertThat(world.log().substring(before))
                    .contains("connecting again")
                    .as("a reboot frees the lock")
                    .doesNotContain("waiting for the lock");
        }
    }

    @Test
    void takesTheLockAgainThatSomebodyDeleted(Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("unlocked").create();
        TargetHost host = environment.hosts().getFirst();
        DeployWorld world = new DeployWorld(testbed, environment);
        Release good = environment.release();
        world.deploy(good);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<DeployOutcome> deploy = world.deployUntilStarted(threads, environment.release(AppVariant.UNHEALTHY));
            host.run("rm", environment.directory() + "/.gitops/lock");

            assertThat(deploy.get()).as(world.log()).isInstanceOf(RolledBack.class);
        }
        assertThat(world.log()).contains("web-1: the lock was lost, connecting again");
        assertThat(environment.answer(host)).contains(good.tag());
        assertThat(world.deploy(environment.release())).isInstanceOf(Deployed.class);
        assertThat(host.run("cat", environment.directory() + "/.gitops/fence").strip())
                .as("three deploys, one of which took the lock twice")
                .isEqualTo("4");
    }

    private static Future<DeployOutcome> deployUntilUp(
            ExecutorService threads, DeployWorld world, DeployEnvironment environment, Release release) {
        Future<DeployOutcome> deploy = threads.submit(() -> world.deploy(release));
        List<TargetHost> hosts = environment.hosts();
        Awaitility.await("docker compose up")
                .atMost(Duration.ofMinutes(1))
                .until(() -> !hosts.getFirst()
                        .run("sh", "-c", "pgrep -f \"[c]ompose.* -p $0 .* up \" || :", environment.project())
                        .isEmpty());
        return deploy;
    }
}
