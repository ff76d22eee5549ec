package dev.gitopsexecutor.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.deploy.DeployOutcome.Deployed;
import dev.gitopsexecutor.deploy.DeployOutcome.Mixed;
import dev.gitopsexecutor.deploy.DeployOutcome.RolledBack;
import dev.gitopsexecutor.deploy.DeployOutcome.Stopped;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.policy.RolloutRule;
import dev.gitopsexecutor.policy.RolloutRule.OnFailure;
import dev.gitopsexecutor.target.FakeHost;
import dev.gitopsexecutor.target.FakeHosts;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Many hosts at once, and what becomes of them when one fails. */
@Execution(ExecutionMode.CONCURRENT)
class FleetTest {
    private static final RolloutRule TWO_BY_TWO = new RolloutRule(1, 2, OnFailure.ROLL_BACK);

    private @Nullable FakeHosts fakes;

    @TempDir
    Path directory;

    @AfterEach
    void stop() {
        if (fakes != null) {
            fakes.close();
        }
    }

    @Test
    void putsEveryChangedHostBackWhenTheFourthOfSixFails() throws Exception {
        FakeHosts six = start(6);
        FleetWorld world = FleetWorld.of(six, TWO_BY_TWO);
        DeployOutcome outcome = failOnFourth(six, world);

        assertThat(outcome).as(world.log()).isInstanceOf(RolledBack.class);
        assertThat(outcome.word()).isEqualTo("rolled_back");
        assertThat(outcome.failure().orElseThrow().block())
                .contains("[CHECK_FAILED]", "on:   host-004", "now: every changed host runs its last verified release");
        assertThat(six.all()).allMatch(host -> host.version().equals("v1") && host.isVerified());
        assertThat(six.all()).noneMatch(FakeHost::isLocked);
        assertThat(six.host(6).ran())
                .as("no next wave")
                .filteredOn("activate.sh"::equals)
                .hasSize(1);
        assertThat(world.log())
                .containsSubsequence(
                        "Deploy host-001",
                        "Deploy wave 2 of 4: host-002, host-003",
                        "host-002: release ",
                        "host-002: health ok",
                        "Deploy wave 3 of 4: host-004, host-005")
                .contains("host-005: digest ok")
                .containsSubsequence("putting back", "host-004: v1 is back", "host-005: putting back");
    }

    @Test
    void keepsTheProvenOnesOfSixAndSaysThatTheyAreMixed() throws Exception {
        FakeHosts six = start(6);
        FleetWorld world = FleetWorld.of(six, new RolloutRule(1, 2, OnFailure.ROLL_BACK_FAILED));
        DeployOutcome outcome = failOnFourth(six, world);

        assertThat(outcome).as(world.log()).isInstanceOf(Mixed.class);
        assertThat(outcome.word()).isEqualTo("mixed");
        assertThat(versions(six)).containsExactly("v2", "v2", "v2", "v1", "v2", "v1");
        assertThat(six.all()).as("each on what was proven there").allMatch(FakeHost::isVerified);
        assertThat(six.all()).noneMatch(FakeHost::isLocked);
        assertThat(outcome.failure().orElseThrow().block())
                .contains("[CHECK_FAILED]", "now: every failed host runs its last verified release again")
                .contains("THE ENVIRONMENT IS MIXED: host-001, host-002, host-003, host-005 run the new release")
                .contains("proven; the other 2 of 6 hosts do not");
        assertThat(String.join("\n", OutcomeTable.render(outcome)))
                .containsPattern("host-003 .* v2 +kept: health version digest")
                .containsPattern("host-004 .* v1 +rolled back: health version digest")
                .containsPattern("host-006 .* v1 +not touched");
        six.host(4).crashesWith("none");
        assertThat(world.deploy(2)).as("mended").isInstanceOf(Deployed.class);
    }

    @Test
    void leavesSixAsTheyAreWithCommandsForTheOneThatFailed() throws Exception {
        FakeHosts six = start(6);
        FleetWorld world = FleetWorld.of(six, new RolloutRule(1, 2, OnFailure.STOP));
        DeployOutcome outcome = failOnFourth(six, world);

        assertThat(outcome).as(world.log()).isInstanceOf(Stopped.class);
        assertThat(outcome.word()).isEqualTo("stopped");
        assertThat(versions(six)).containsExactly("v2", "v2", "v2", "v2", "v2", "v1");
        assertThat(six.host(4).isVerified()).isFalse();
        assertThat(six.host(4).releases()).as("its files stay").hasSize(2);
        assertThat(six.host(6).releases()).hasSize(1);
        assertThat(six.all()).noneMatch(FakeHost::isLocked);
        assertThat(outcome.failure().orElseThrow().block())
                .contains("[CHECK_FAILED]", "nothing was put back, as the policy has it")
                .contains("host-004: it may run the failed release", "to put the last one back: as deploy@127.0.0.4:")
                .containsPattern("ln -sfn .gitops/releases/\\S+ /opt/shop/current")
                .contains("up -d --no-deps --pull never app", "THE ENVIRONMENT IS MIXED");
        assertThat(String.join("\n", OutcomeTable.render(outcome)))
                .containsPattern("host-004 .* v2 +containers failed")
                .containsPattern("host-006 .* v1 +not touched");
    }

    @Test
    void looksAtAllHostsOnceMoreBeforeItCallsThemVerified() throws Exception {
        FakeHosts three = start(3);
        FleetWorld world = FleetWorld.of(three, RolloutRule.DEFAULT);
        world.deploy(1);
        three.host(3).before("activate.sh", () -> {
            three.host(1).crash();
            return Optional.empty();
        });

        DeployOutcome outcome = world.deploy(2);

        assertThat(outcome).as(world.log()).isInstanceOf(RolledBack.class);
        assertThat(outcome.failure().orElseThrow().block())
                .contains("on:   host-001", "container \"app-1\" is exited with exit code 1");
        assertThat(versions(three)).containsOnly("v1");
        assertThat(world.log()).contains("All hosts once more");
    }

    @Test
    void endsAfterTheWaveInWhichItIsCanceled() throws Exception {
        FakeHosts six = start(6);
        FleetWorld world = FleetWorld.of(six, TWO_BY_TWO);
        world.deploy(1);
        six.host(3).before("activate.sh", () -> {
            world.cancellation().request();
            return Optional.empty();
        });

        DeployOutcome outcome = world.deploy(2);

        assertThat(outcome).as(world.log()).isInstanceOf(RolledBack.class);
        assertThat(outcome.failure().orElseThrow().code()).isEqualTo(FailureCode.CANCELED);
        assertThat(versions(six)).containsOnly("v1");
        assertThat(six.host(4).ran()).filteredOn("activate.sh"::equals).hasSize(1);
        assertThat(six.host(1).ran())
                .as("v1, v2, v1")
                .filteredOn("activate.sh"::equals)
                .hasSize(3);
    }

    @Test
    void letsDeploysOfOverlappingHostsBothEnd() throws Exception {
        FakeHosts five = start(5);
        List<FakeHost> all = five.all();
        RolloutRule together = new RolloutRule(0, 5, OnFailure.ROLL_BACK);
        FleetWorld one = FleetWorld.of(five, all.subList(0, 3), together);
        FleetWorld two = FleetWorld.of(five, all.subList(1, 4).reversed(), together);
        FleetWorld three = FleetWorld.of(five, List.of(all.get(4), all.get(0), all.get(2)), together);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<DeployOutcome>> deploys = List.of(one, two, three).stream()
                    .map(world -> threads.submit(() -> world.deploy(1)))
                    .toList();
            for (Future<DeployOutcome> deploy : deploys) {
                assertThat(deploy.get().failure()).isEmpty();
            }
        }
        assertThat(versions(five)).containsOnly("v1");
    }

    @Test
    void holdsNoLockWhileItWaitsForAnother() throws Exception {
        FakeHosts three = start(3);
        FleetWorld world = FleetWorld.of(three, RolloutRule.DEFAULT);
        FleetWorld holder = FleetWorld.of(three, List.of(three.host(2)), RolloutRule.DEFAULT);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var waiting = new java.util.concurrent.atomic.AtomicReference<Future<DeployOutcome>>();
            three.host(2).before("install.sh", () -> {
                waiting.set(threads.submit(() -> world.deploy(1)));
                Awaitility.await().until(() -> world.log().contains("host-002: waiting for the lock: held by job"));
                assertThat(three.host(1).isLocked()).isFalse();
                assertThat(three.host(3).isLocked()).isFalse();
                return Optional.empty();
            });
            assertThat(holder.deploy(1)).isInstanceOf(Deployed.class);
            assertThat(waiting.get().get()).isInstanceOf(Deployed.class);
        }
    }

    @Test
    void deploysToTwoHundredHosts() throws Exception {
        FakeHosts many = start(200);
        FleetWorld world = FleetWorld.of(many, new RolloutRule(1, 50, OnFailure.ROLL_BACK));

        DeployOutcome outcome = world.deploy(1);

        assertThat(outcome).as(world.log()).isInstanceOf(Deployed.class);
        assertThat(many.all()).allMatch(host -> host.version().equals("v1") && host.isVerified());
        assertThat(many.all()).noneMatch(FakeHost::isLocked);
        assertThat(many.connections())
                .as("one each, none refused and tried again")
                .isEqualTo(200);
        assertThat(world.log()).contains("Deploy wave 2 of 5: host-002", " and 42 more");
    }

    private static DeployOutcome failOnFourth(FakeHosts fakes, FleetWorld world) throws InterruptedException {
        world.deploy(1);
        fakes.host(4).crashesWith("v2");
        return world.deploy(2);
    }

    private static List<String> versions(FakeHosts fakes) {
        return fakes.all().stream().map(FakeHost::version).toList();
    }

    private FakeHosts start(int count) {
        fakes = FakeHosts.start(count, directory);
        return fakes;
    }
}
