package dev.gitopsexecutor.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.HostTrust;
import dev.gitopsexecutor.target.SshHost;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImagePullTest {
    private static final SshHost HOST =
            new SshHost(new HostName("web-1"), "10.0.0.11", 22, "deploy", new HostTrust.PinnedKey("ssh-ed25519 AAAA"));

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            HOST_UNSUITABLE      | write /var/lib/docker/tmp/x: no space left on device
            HOST_UNSUITABLE      | failed to register layer: Disk quota exceeded
            IMAGE_UNAVAILABLE    | manifest unknown
            REGISTRY_REFUSED     | unauthorized: authentication required
            REGISTRY_UNREACHABLE | dial tcp: connection refused
            IMAGE_PULL_FAILED    | something else
            """)
    void saysWhoseFaultItIs(FailureCode code, String message) {
        String line = "failed registry.test/shop/app:v1 " + Base64.getEncoder().encodeToString(message.getBytes(UTF_8))
                + "\n";

        ExecutorException failure = failure(line);

        assertThat(failure.code()).isEqualTo(code);
        assertThat(failure.failure().saw()).containsIgnoringCase(message).contains("nothing was changed");
    }

    @Test
    void saysThatNothingWasPulledOntoAFullDisk() {
        ExecutorException failure = failure(
                "present x\nfull registry.test/shop/app:v1 /var/lib/docker, where Docker keeps images, has 3 MiB free\n");

        assertThat(failure.code()).isEqualTo(FailureCode.HOST_UNSUITABLE);
        assertThat(failure.failure().saw()).contains("has 3 MiB free", "nothing was changed");
        assertThat(failure.failure().on()).isEqualTo(HOST.endpoint());
    }

    private static ExecutorException failure(String output) {
        return catchThrowableOfType(
                ExecutorException.class,
                () -> ImagePull.pinned(
                        output,
                        new TreeMap<>(Map.of(Releases.APP, Releases.image(1))),
                        HOST,
                        UnaryOperator.identity()));
    }
}
