package dev.gitopsexecutor.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.model.Digest;
import dev.gitopsexecutor.model.ImageRef;
import java.io.IOException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an image's author can write into its configuration. */
class ImageConfigTest {
    private static final ImageRef NAME = ImageRef.parse("reg.test/ci/job:1");

    @Test
    void readsWhatAJobNeeds() throws IOException {
        String one = "sha256:" + "1".repeat(64);
        ImageConfig image = ImageConfig.parse(NAME, """
                {"Id": "sha256:7", "RepoDigests": ["reg.test/ci/other@%s", "reg.test/ci/job@%1$s", "reg.test/ci/job@md5:1"],
                 "Config": {"Volumes": {"/data/": {}, "/a/../b//c": {}}, "Labels": {"x": "1"},
                            "ExposedPorts": {"8080/tcp": {}, "53/udp": {}, "abc/tcp": {}, "80-90/tcp": {}, "22": {}}}}
                """.formatted(one));

        assertThat(image.id()).isEqualTo("sha256:7");
        assertThat(image.digests()).containsExactly(new Digest(one));
        assertThat(image.volumes()).containsExactly("/b/c", "/data");
        assertThat(image.ports()).containsExactly(22, 8080);
        assertThat(image.labels()).containsExactly("x");
    }

    @Test
    void readsAnImageThatSaysNothing() throws IOException {
        ImageConfig image =
                ImageConfig.parse(NAME, "{\"Id\": \"x\", \"RepoDigests\": null, \"Config\": {\"Labels\": null}}");

        assertThat(image.digest()).isEmpty();
        assertThat(image.volumes()).isEmpty();
        assertThat(image.ports()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "//",
                "/.",
                "/a/..",
                "/proc",
                "/proc/sys/",
                "/sys/fs",
                "/dev/../dev/shm",
                "rel",
                "",
                "/etc/hosts",
                "/etc//resolv.conf",
                "/etc/hostname/",
                "/a\\u0000b",
                "/a\\nb"
            })
    void refusesAVolumeOverWhatIsNotTheImages(String path) {
        assertRefused("{\"Config\": {\"Volumes\": {\"%s\": {}}}}".formatted(path), "it declares a volume at ");
    }

    @Test
    void refusesTooManyVolumes() {
        String many = IntStream.range(0, 17).mapToObj("\"/v%d\": {}"::formatted).collect(Collectors.joining(","));

        assertRefused("{\"Config\": {\"Volumes\": {%s}}}".formatted(many), "it declares 17 volumes, more than 16");
    }

    @Test
    void refusesLabelsThatFillTheEnginesLists() {
        assertRefused(
                "{\"Config\": {\"Labels\": {\"a\": \"%s\"}}}".formatted("x".repeat(70_000)),
                "its labels are longer than 65536 characters");
    }

    @Test
    void looksAtTheLowestPortsOfMany() throws IOException {
        String many =
                IntStream.range(1, 1000).mapToObj("\"%d/tcp\": {}"::formatted).collect(Collectors.joining(","));

        assertThat(ImageConfig.parse(NAME, "{\"Config\": {\"ExposedPorts\": {%s}}}".formatted(many))
                        .ports())
                .hasSize(20)
                .contains(1, 20);
    }

    private static void assertRefused(String json, String saw) {
        assertThatThrownBy(() -> ImageConfig.parse(NAME, json))
                .isInstanceOfSatisfying(ExecutorException.class, failed -> {
                    assertThat(failed.code()).isEqualTo(FailureCode.IMAGE_UNSUITABLE);
                    assertThat(failed.failure().saw()).startsWith(saw);
                });
    }
}
