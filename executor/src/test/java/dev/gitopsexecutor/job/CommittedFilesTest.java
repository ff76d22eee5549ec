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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What travels with a release, read through a real Git. */
class CommittedFilesTest {
    private static final byte[] BINARY = {0, (byte) 0xff, '\n', 0, '\r', (byte) 0xc3};

    @TempDir
    private Path directory;

    private GitRepository repository;

    private final List<List<String>> requests = new ArrayList<>();

    @BeforeEach
    void init() throws Exception {
        repository = new GitRepository(directory);
        repository.init();
        repository.write("deploy/compose.yaml", "services: {}".getBytes(UTF_8));
    }

    @Test
    void readsFilesAndWholeDirectoriesWithTheirModesByteForByte() throws Exception {
        repository.write("deploy/nginx/nginx.conf", "worker_processes 1;\n".getBytes(UTF_8));
        repository.write("deploy/nginx/conf.d/a/deep.conf", BINARY);
        repository.write("deploy/nginx/conf.d/empty", new byte[0]);
        repository.write("deploy/nginx/private.key", "no".getBytes(UTF_8));
        repository.write("deploy/bin/run.sh", "#!/bin/sh\n".getBytes(UTF_8));
        assertThat(directory.resolve("deploy/bin/run.sh").toFile().setExecutable(true))
                .isTrue();

        ShippedFiles shipped = read("deploy/nginx/nginx.conf", "deploy/nginx/conf.d", "deploy/bin/run.sh");

        assertThat(shipped.files())
                .containsExactly(
                        Map.entry("bin/run.sh", ShippedFile.of(true, "#!/bin/sh\n".getBytes(UTF_8))),
                        Map.entry("nginx/conf.d/a/deep.conf", ShippedFile.of(false, BINARY)),
                        Map.entry("nginx/conf.d/empty", ShippedFile.of(false, new byte[0])),
                        Map.entry("nginx/nginx.conf", ShippedFile.of(false, "worker_processes 1;\n".getBytes(UTF_8))));
        assertThat(shipped.whole())
                .as("of nginx, the key does not travel; of the Compose file's directory, itself")
                .containsExactly("bin", "nginx/conf.d", "nginx/conf.d/a");
        assertThat(requests).as("levels of directories and the files").hasSizeLessThanOrEqualTo(4);
    }

    @Test
    void asksForNothingWhenNothingTravels() throws Exception {
        assertThat(read()).isEqualTo(ShippedFiles.NONE);
        assertThat(requests).isEmpty();
    }

    @Test
    void tellsEveryReasonWhyFilesCannotTravel() throws Exception {
        repository.write("deploy/conf/with space", "x".getBytes(UTF_8));
        repository.write("deploy/conf/a\nb", "x".getBytes(UTF_8));
        Files.createSymbolicLink(directory.resolve("deploy/conf/link"), Path.of("/etc/passwd"));
        Files.createSymbolicLink(directory.resolve("deploy/alias"), Path.of("conf"));
        var _ = repository.git("add", "--all");
        var _ = repository.git(
                "update-index", "--add", "--cacheinfo", "160000," + "1".repeat(40) + ",deploy/conf/module");
        CommitSha commit = repository.commitStaged();
        DeploySpec spec =
                spec("deploy/compose.yaml", "deploy/conf", "deploy/alias/x", "deploy/none", "deploy/compose.yaml/x");
        assertThatThrownBy(() -> CommittedFiles.read(commit, spec, this::batch))
                .isInstanceOfSatisfying(ExecutorException.class, refused -> {
                    assertThat(refused.code()).isEqualTo(FailureCode.DEPLOY_SPEC_INVALID);
                    assertThat(refused.failure().saw().lines())
                            .containsExactlyInAnyOrder(
                                    "\"deploy/conf/with space\" has a name with other characters than letters, digits and"
                                            + " . _ @ + -; rename it",
                                    "\"deploy/conf/a?b\" has a name with other characters than letters, digits and"
                                            + " . _ @ + -; rename it",
                                    "\"deploy/conf/link\": \"link\" is a symbolic link in the commit; only ordinary files"
                                            + " travel",
                                    "\"deploy/conf/module\": \"module\" is a submodule in the commit; only ordinary files"
                                            + " travel",
                                    "\"deploy/alias/x\": \"alias\" is a symbolic link in the commit; only ordinary files"
                                            + " travel",
                                    "\"deploy/compose.yaml/x\": \"compose.yaml\" is no directory in the commit; only"
                                            + " ordinary files travel",
                                    "\"deploy/none\" is not in the commit");
                });
    }

    @Test
    void refusesNamesThatLeadOut() throws Exception {
        repository.write("deploy/compose.yaml", "services: {}".getBytes(UTF_8));
        String file = repository.git("hash-object", "-w", "deploy/compose.yaml");
        String inner = repository.tree(
                "040000 tree %s\t..\n".formatted(repository.tree("100644 blob %s\tescaped\n".formatted(file))));
        String root = repository.tree("040000 tree %s\tdeploy\n"
                .formatted(repository.tree(
                        "100644 blob %s\tcompose.yaml\n040000 tree %s\tconf\n".formatted(file, inner))));
        CommitSha commit = new CommitSha(repository.git("commit-tree", root, "-m", "hostile"));
        assertThatThrownBy(() -> CommittedFiles.read(commit, spec("deploy/compose.yaml", "deploy/conf"), this::batch))
                .isInstanceOfSatisfying(
                        ExecutorException.class,
                        refused -> assertThat(refused.failure().saw())
                                .contains("\"deploy/conf/..\" has a name with other characters"));
    }

    @Test
    void refusesWhatIsTooLarge() throws Exception {
        int limit = 1024 * 1024;
        for (int number = 0; number < 4; number++) {
            repository.write("deploy/large/" + number, new byte[limit / 4]);
        }
        assertThat(read("deploy/large").files()).hasSize(4);
        repository.write("deploy/large/0", new byte[limit / 4 + 1]);
        assertThatThrownBy(() -> read("deploy/large")).isInstanceOfSatisfying(ExecutorException.class, refused -> {
            assertThat(refused.code()).isEqualTo(FailureCode.OUTPUT_TOO_LARGE);
            assertThat(refused.failure().saw()).isEqualTo("they have 1048577 bytes in sum, more than 1048576");
        });
    }

    @Test
    void refusesTooMany() throws Exception {
        for (int number = 0; number < 200; number++) {
            repository.write("deploy/many/" + number, new byte[] {1});
        }
        assertThat(read("deploy/many").files()).hasSize(200);
        repository.write("deploy/many/more/200", new byte[] {1});
        assertThatThrownBy(() -> read("deploy/many")).hasMessageContaining("they are more than 200 files");
    }

    @Test
    void endsWithDirectoriesThatHoldEachOtherWithoutAnyFile() throws Exception {
        String tree = repository.git("hash-object", "-w", "-t", "tree", "/dev/null");
        for (int level = 0; level < 12; level++) {
            Path listing = Files.createTempFile("tree", "");
            StringBuilder entries = new StringBuilder();
            for (char name = 'a'; name <= 'j'; name++) {
                entries.append("040000 tree %s\t%c%n".formatted(tree, name));
            }
            Files.writeString(listing, entries);
            tree = repository.sh("git mktree <" + listing);
            Files.delete(listing);
        }
        CommitSha commit = new CommitSha(repository.git("commit-tree", tree, "-m", "bomb"));
        assertThatThrownBy(() -> CommittedFiles.read(commit, spec("compose.yaml", "a"), this::batch))
                .hasMessageContaining("they are more than 200 files");
    }

    @Test
    void believesNoDirectoryForAnotherHashThanItsOwn() throws Exception {
        repository.write("deploy/conf/a.conf", "a".getBytes(UTF_8));
        CommitSha commit = repository.commit();
        Path tree = repository.object(repository.git("rev-parse", "HEAD:deploy/conf"));
        repository.write("deploy/conf/a.conf", "evil".getBytes(UTF_8));
        var _ = repository.commit();
        assertThat(tree.toFile().setWritable(true)).isTrue();
        Files.write(tree, Files.readAllBytes(repository.object(repository.git("rev-parse", "HEAD:deploy/conf"))));
        assertThatThrownBy(() -> CommittedFiles.read(commit, spec("deploy/compose.yaml", "deploy/conf"), this::batch))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the repository has no tree");
    }

    private ShippedFiles read(String... files) throws Exception {
        return CommittedFiles.read(repository.commit(), spec("deploy/compose.yaml", files), this::batch);
    }

    private static DeploySpec spec(String compose, String... files) {
        String list = files.length == 0 ? "" : "files: [" + String.join(", ", files) + "]\n";
        String yaml = """
                version: 1
                compose: %s
                project: shop
                services: {app: {image: "shop/app:1"}}
                environments: {staging: {}}
                checks: {health: {url: http://127.0.0.1/}}
                """.formatted(compose) + list;
        return DeploySpecFile.parse(yaml.getBytes(UTF_8), "deploy.yaml", new CommitSha("a".repeat(40)));
    }

    private byte[] batch(List<String> names) {
        requests.add(names);
        return repository.objects("sha1", names);
    }
}
