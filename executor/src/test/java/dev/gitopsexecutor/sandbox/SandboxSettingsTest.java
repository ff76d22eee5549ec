package dev.gitopsexecutor.sandbox;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gitopsexecutor.model.ImageRef;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SandboxSettingsTest {
    @ParameterizedTest
    @ValueSource(strings = {"host", "none", "default", "container:abc", "", "a b", "-x", "../x"})
    void hostsNetworkAndOtherContainersAreNoNetworkForAJob(String network) {
        assertThatThrownBy(() -> settings("0123abcd", network))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("\"%s\" is no network that a job may join", network);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0123abc", "0123ABCD", "0123abcde", "../../x1"})
    void instanceIsEightHexadecimalDigits(String instance) {
        assertThatThrownBy(() -> settings(instance, "bridge"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("an instance is 8 hexadecimal digits");
    }

    private static SandboxSettings settings(String instance, String network) {
        return new SandboxSettings(
                Path.of("/var/run/docker.sock"),
                instance,
                new SandboxSettings.Helper(ImageRef.parse("helper:1"), network, Optional.empty()),
                "/builds",
                "/cache",
                new SandboxSettings.Limits(1, 1, 1, 1),
                Optional.empty(),
                SandboxSettings.DEFAULT_APP_ARMOR,
                Optional.empty());
    }
}
