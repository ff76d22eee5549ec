package dev.gitopsexecutor.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.deploy.DeployOutcome.RolledBack;
import dev.gitopsexecutor.testbed.AppVariant;
import dev.gitopsexecutor.testbed.DeployEnvironment;
import dev.gitopsexecutor.testbed.RealPartsAlone;
import dev.gitopsexecutor.testbed.Release;
import dev.gitopsexecutor.testbed.TargetHost;
import dev.gitopsexecutor.testbed.Testbed;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A deploy whose host is cut off from the network. */
@RealPartsAlone
class CutHostIT {

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
}
