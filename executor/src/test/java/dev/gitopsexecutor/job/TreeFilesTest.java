package dev.gitopsexecutor.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gitopsexecutor.config.DeploySpecFile;
import dev.gitopsexecutor.deploy.DeploySpec;
import dev.gitopsexecutor.deploy.ShippedFiles;
import dev.gitopsexecutor.deploy.ShippedFiles.ShippedFile;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.model.CommitSha;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a plan takes for the files that travel, of a working tree. */
class TreeFilesTest {
    @TempDir
    private Path repository;

    @Test
    void readsFilesAndWholeDirectoriesWithTheirModesByteForByte() throws IOException {
        write("deploy/nginx/conf.d/a/deep.conf", new byte[] {0, (byte) 0xff, '\n', '\r'});
        write("deploy/nginx/conf.d/empty", new byte[0]);
        write("deploy/nginx/private.key", "no".getBytes(UTF_8));
        write("deploy/bin/run.sh", "#!/bin/sh\n".getBytes(UTF_8));
        assertThat(repository.resolve("deploy/bin/run.sh").toFile().setExecutable(true))
                .isTrue();

        assertThat(read("deploy/nginx/conf.d", "deploy/bin/run.sh").files())
                .containsExactly(
                        Map.entry("bin/run.sh", ShippedFile.of(true, "#!/bin/sh\n".getBytes(UTF_8))),
                        Map.entry(
                                "nginx/conf.d/a/deep.conf",
                                ShippedFile.of(false, new byte[] {0, (byte) 0xff, '\n', '\r'})),
                        Map.entry("nginx/conf.d/empty", ShippedFile.of(false, new byte[0])));
        assertThat(read().files()).isEmpty();
    }

    @Test
    void tellsEveryReasonWhyFilesCannotTravelAndFollowsNoLink() throws Exception {
        write("deploy/conf/with space", new byte[] {1});
        write("deploy/conf/module/.git", new byte[] {1});
        Files.createSymbolicLink(repository.resolve("deploy/conf/link"), Path.of("/etc/passwd"));
        Files.createSymbolicLink(repository.resolve("deploy/alias"), Path.of("conf"));
        assertThat(new ProcessBuilder(
                                "mkfifo", repository.resolve("deploy/conf/pipe").toString())
                        .start()
                        .waitFor())
                .isZero();

        assertThatThrownBy(() -> read("deploy/conf", "deploy/alias/x", "deploy/none"))
                .isInstanceOfSatisfying(ExecutorException.class, refused -> {
                    assertThat(refused.code()).isEqualTo(FailureCode.DEPLOY_SPEC_INVALID);
                    assertThat(refused.failure().saw().lines())
                            .containsExactlyInAnyOrder(
                                    "\"deploy/conf/with space\": its name has other characters than letters, digits and . _"
                                            + " @ + -; rename it",
                                    "\"deploy/conf/module/.git\": a repository of its own is there; only ordinary files"
                                            + " travel",
                                    "\"deploy/conf/link\": a symbolic link; only ordinary files travel",
                                    "\"deploy/conf/pipe\": no ordinary file; only those travel",
                                    "\"deploy/alias/x\": \"deploy/alias\" is no directory in the working tree",
                                    "\"deploy/none\": it is not in the working tree, or cannot be read");
                });
    }

    @Test
    void refusesWhatIsTooLarge() throws IOException {
        int limit = 1024 * 1024;
        for (int number = 0; number < 4; number++) {
            write("deploy/large/" + number, new byte[limit / 4]);
        }
        assertThat(read("deploy/large").files()).hasSize(4);
        write("deploy/large/0", new byte[limit / 4 + 1]);

        assertThatThrownBy(() -> read("deploy/large")).isInstanceOfSatisfying(ExecutorException.class, refused -> {
            assertThat(refused.code()).isEqualTo(FailureCode.OUTPUT_TOO_LARGE);
            assertThat(refused.failure().saw()).isEqualTo("they have 1048577 bytes in sum, more than 1048576");
        });
    }

    @Test
    void refusesTooMany() throws IOException {
        for (int number = 0; number < 200; number++) {
            write("deploy/many/" + number, new byte[] {1});
        }
        assertThat(read("deploy/many").files()).hasSize(200);
        write("deploy/many/more/200", new byte[] {1});
        assertThatThrownBy(() -> read("deploy/many")).hasMessageContaining("they are more than 200 files");
        for (int number = 0; number < 1001; number++) {
            Files.createDirectories(repository.resolve("deploy/hollow/" + number));
        }
        assertThatThrownBy(() -> read("deploy/hollow")).hasMessageContaining("they are more than 200 files");
    }

    private ShippedFiles read(String... files) {
        return TreeFiles.read(repository, spec(files));
    }

    private static DeploySpec spec(String... files) {
        String list = files.length == 0 ? "" : "files: [" + String.join(", ", files) + "]\n";
        String yaml = """
                version: 1
                compose: deploy/compose.yaml
                project: shop
                services: {app: {image: "shop/app:1"}}
                environments: {staging: {}}
                checks: {health: {url: http://127.0.0.1/}}
                """ + list;
        return DeploySpecFile.parse(yaml.getBytes(UTF_8), "deploy.yaml", new CommitSha("a".repeat(40)));
    }

    private void write(String path, byte[] content) throws IOException {
        Path file = repository.resolve(path);
        Files.createDirectories(file.getParent());
        Files.write(file, content);
    }
}
