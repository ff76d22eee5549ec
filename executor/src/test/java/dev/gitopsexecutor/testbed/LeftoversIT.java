package dev.gitopsexecutor.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.NotFoundException;
import java.nio.file.Files;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.testcontainers.DockerClientFactory;

/** A testbed that was killed leaves nothing once the next one has started. */
@RealParts
final class LeftoversIT {
    private final DockerClient docker = DockerClientFactory.lazyClient();
    private final Leftovers leftovers = new Leftovers(docker);
    private final Testbed testbed;

    LeftoversIT(Testbed testbed) {
        this.testbed = testbed;
    }

    @Test
    void removesWhatADeadOwnerLeftAndNothingOfTheLiving() throws Exception {
        Owner dead = deadOwner();
        String container = container(dead.label());
        String job = container(Map.of("dev.gitopsexecutor.job", "4711000815"));
        String network = docker.createNetworkCmd()
                .withName("gitops-testbed-" + dead.pid())
                .withLabels(dead.label())
                .exec()
                .getId();
        WorldDirectory world = WorldDirectory.create(dead);
        Process server = new ProcessBuilder("setsid", "sleep", "600").start();
        world.remember(server);
        world.remember(4711000815L);

        leftovers.removeOfTheDead();

        assertThatThrownBy(() -> docker.inspectContainerCmd(container).exec()).isInstanceOf(NotFoundException.class);
        assertThatThrownBy(() -> docker.inspectContainerCmd(job).exec()).isInstanceOf(NotFoundException.class);
        assertThatThrownBy(
                        () -> docker.inspectNetworkCmd().withNetworkId(network).exec())
                .isInstanceOf(NotFoundException.class);
        assertThat(world.path()).doesNotExist();
        assertThat(server.waitFor()).isEqualTo(128 + 9);
        assertThat(Files.exists(testbed.sshKey())).isTrue();
        assertThat(testbed.host("web-1").run("true")).isEmpty();
    }

    private static Owner deadOwner() throws Exception {
        Process process = new ProcessBuilder("sleep", "600").start();
        Owner owner = Owner.of(process.toHandle());
        process.destroyForcibly().waitFor();
        return owner;
    }

    private String container(Map<String, String> labels) {
        return docker.createContainerCmd(Images.APP)
                .withLabels(labels)
                .withCmd("/bin/sleep", "600")
                .exec()
                .getId();
    }
}
