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
import java.io.OutputStream;
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
    private Path repository;

    private final List<List<String>> requests = new ArrayList<>();

    @BeforeEach
    void init() throws Exception {
        git("init", "--quiet");
        write("deploy/compose.yaml", "services: {}".getBytes(UTF_8));
    }

    @Test
    void readsFilesAndWholeDirectoriesWithTheirModesByteForByte() throws Exception {
        write("deploy/nginx/nginx.conf", "worker_processes 1;\n".getBytes(UTF_8));
        write("deploy/nginx/conf.d/a/deep.conf", BINARY);
        write("deploy/nginx/conf.d/empty", new byte[0]);
        write("deploy/nginx/private.key", "no".getBytes(UTF_8));
        write("deploy/bin/run.sh", "#!/bin/sh\n".getBytes(UTF_8));
        assertThat(repository.resolve("deploy/bin/run.sh").toFile().setExecutable(true))
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
        write("deploy/conf/with space", "x".getBytes(UTF_8));
        write("deploy/conf/a\nb", "x".getBytes(UTF_8));
        Files.createSymbolicLink(repository.resolve("deploy/conf/link"), Path.of("/etc/passwd"));
        Files.createSymbolicLink(repository.resolve("deploy/alias"), Path.of("conf"));
        git("add", "--all");
        git("update-index", "--add", "--cacheinfo", "160000," + "1".repeat(40) + ",deploy/conf/module");
        git("commit", "--quiet", "--message", "odd");
        CommitSha commit = new CommitSha(git("rev-parse", "HEAD"));
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
        write("deploy/compose.yaml", "services: {}".getBytes(UTF_8));
        String file = git("hash-object", "-w", "deploy/compose.yaml");
        String inner = make("040000 tree %s\t..\n".formatted(make("100644 blob %s\tescaped\n".formatted(file))));
        String root = make("040000 tree %s\tdeploy\n"
                .formatted(make("100644 blob %s\tcompose.yaml\n040000 tree %s\tconf\n".formatted(file, inner))));
        CommitSha commit = new CommitSha(git("commit-tree", root, "-m", "hostile"));
        assertThatThrownBy(() -> CommittedFiles.read(commit, spec("deploy/compose.yaml", "deploy/conf"), this::batch))
                .isInstanceOfSatisfying(
                        ExecutorException.class,
                        refused -> assertThat(refused.failure().saw())
                                .contains("\"deploy/conf/..\" has a name with other characters"));
    }

    /** A tree that {@code git add} would not make. */
    private String make(String entries) throws IOException, InterruptedException {
        Process process = new ProcessBuilder("git", "-C", repository.toString(), "mktree")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (OutputStream stdin = process.getOutputStream()) {
            stdin.write(entries.getBytes(UTF_8));
        }
        String name = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
        assertThat(process.waitFor()).isZero();
        return name;
    }

    @Test
    void refusesWhatIsTooLarge() throws Exception {
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
    void refusesTooMany() throws Exception {
        for (int number = 0; number < 200; number++) {
            write("deploy/many/" + number, new byte[] {1});
        }
        assertThat(read("deploy/many").files()).hasSize(200);
        write("deploy/many/more/200", new byte[] {1});
        assertThatThrownBy(() -> read("deploy/many")).hasMessageContaining("they are more than 200 files");
    }

    @Test
    void endsWithDirectoriesThatHoldEachOtherWithoutAnyFile() throws Exception {
        String tree = git("hash-object", "-w", "-t", "tree", "/dev/null");
        for (int level = 0; level < 12; level++) {
            Path listing = Files.createTempFile("tree", "");
            StringBuilder entries = new StringBuilder();
            for (char name = 'a'; name <= 'j'; name++) {
                entries.append("040000 tree %s\t%c%n".formatted(tree, name));
            }
            Files.writeString(listing, entries);
            tree = git("sh", "-c", "git mktree <" + listing);
            Files.delete(listing);
        }
        CommitSha commit = new CommitSha(git("commit-tree", tree, "-m", "bomb"));
        assertThatThrownBy(() -> CommittedFiles.read(commit, spec("compose.yaml", "a"), this::batch))
                .hasMessageContaining("they are more than 200 files");
    }

    @Test
    void believesNoDirectoryForAnotherHashThanItsOwn() throws Exception {
        write("deploy/conf/a.conf", "a".getBytes(UTF_8));
        CommitSha commit = commit();
        Path tree = object(git("rev-parse", "HEAD:deploy/conf"));
        write("deploy/conf/a.conf", "evil".getBytes(UTF_8));
        commit();
        assertThat(tree.toFile().setWritable(true)).isTrue();
        Files.write(tree, Files.readAllBytes(object(git("rev-parse", "HEAD:deploy/conf"))));
        assertThatThrownBy(() -> CommittedFiles.read(commit, spec("deploy/compose.yaml", "deploy/conf"), this::batch))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the repository has no tree");
    }

    private ShippedFiles read(String... files) throws Exception {
        return CommittedFiles.read(commit(), spec("deploy/compose.yaml", files), this::batch);
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
        List<String> command = new ArrayList<>(List.of(
                "sh",
                "-c",
                Checkout.READ_OBJECTS,
                "read-objects",
                repository.resolve(".git/objects").toString(),
                "sha1"));
        command.addAll(names);
        try {
            return run(command);
        } catch (IOException | InterruptedException failed) {
            throw new IllegalStateException(failed);
        }
    }

    private void write(String path, byte[] content) throws IOException {
        Path file = repository.resolve(path);
        Files.createDirectories(file.getParent());
        Files.write(file, content);
    }

    private CommitSha commit() throws Exception {
        git("add", "--all");
        git("commit", "--quiet", "--allow-empty", "--message", "all");
        return new CommitSha(git("rev-parse", "HEAD"));
    }

    private Path object(String hash) {
        return repository.resolve(".git/objects").resolve(hash.substring(0, 2)).resolve(hash.substring(2));
    }

    private String git(String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of(words));
        if (!words[0].equals("sh")) {
            command.addFirst("git");
        }
        return new String(run(command), UTF_8).strip();
    }

    private byte[] run(List<String> command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(repository.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment()
                .putAll(Map.of(
                        "GIT_AUTHOR_NAME", "a",
                        "GIT_AUTHOR_EMAIL", "a@example.com",
                        "GIT_COMMITTER_NAME", "a",
                        "GIT_COMMITTER_EMAIL", "a@example.com",
                        "GIT_CONFIG_GLOBAL", "/dev/null"));
        Process process = builder.start();
        process.getOutputStream().close();
        byte[] output = process.getInputStream().readAllBytes();
        assertThat(process.waitFor()).as(command.toString()).isZero();
        return output;
    }
}
