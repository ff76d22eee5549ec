package dev.gitopsexecutor.testbed;

import com.github.dockerjava.api.model.HostConfig;
import java.util.Objects;
import java.util.function.Consumer;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.utility.DockerImageName;

/** A container of the testbed: an image that is never pulled, a fixed address, the owner's label. */
final class TestContainer extends GenericContainer<TestContainer> {
    TestContainer(TestNetwork network, Owner owner, String address, Consumer<HostConfig> rights) {
        super(DockerImageName.parse(Images.HOST));
        withImagePullPolicy(image -> false);
        withNetwork(network);
        withLabels(owner.label());
        withCreateContainerCmdModifier(command -> {
            command.withIpv4Address(address);
            rights.accept(Objects.requireNonNull(command.getHostConfig()));
        });
    }

    /**
     * Runs it as root in the container, to its end.
     *
     * @return its stdout
     * @throws TestbedException with its output when the exit code is not 0
     */
    String run(String... words) {
        try {
            ExecResult result = execInContainer(words);
            if (result.getExitCode() != 0) {
                throw new TestbedException("%s in %s ended with %d: %s%s"
                        .formatted(
                                String.join(" ", words),
                                getNetworkAliases(),
                                result.getExitCode(),
                                result.getStdout(),
                                result.getStderr()));
            }
            return result.getStdout();
        } catch (java.io.IOException failure) {
            throw new TestbedException(String.join(" ", words) + " could not be run", failure);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new TestbedException(String.join(" ", words) + " was interrupted", stop);
        }
    }
}
