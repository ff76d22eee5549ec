package dev.gitopsexecutor.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gitopsexecutor.model.CommitSha;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Repositories as a job's script may leave them, read through a real Git. */
class GitObjectsTest {
    private static final String FILE = "deploy/app/compose.yaml";
    private static final String TEXT = "services: {app: {image: shop}}\n# ünïcode\n";

    @TempDir
    private Path repository;

    @ParameterizedTest
    @ValueSource(strings = {"sha1", "sha256"})
    void readsFileOfTheCommitAndNotOfTheWorkingTree(String algorithm) throws Exception {
        CommitSha commit = commit(algorithm);
        Files.writeString(repository.resolve(FILE), "something else");
        assertThat(read(commit, FILE)).contains(TEXT);
        assertThat(read(commit, "README")).contains("read me");
    }

    @Test
    void knowsFileThatTheCommitDoesNotHave() throws Exception {
        CommitSha commit = commit("sha1");
        assertThat(read(commit, "deploy/other.yaml")).isEmpty();
        assertThat(read(commit, "nowhere/compose.yaml")).isEmpty();
    }

    @Test
    void doesNotFollowReplacement() throws Exception {
        CommitSha commit = commit("sha1");
        Files.writeString(repository.resolve("evil"), "evil: true\n");
        git("replace", git("rev-parse", "HEAD:" + FILE), git("hash-object", "-w", "evil"));
        assertThat(git("show", "HEAD:" + FILE)).isEqualTo("evil: true");
        assertThat(read(commit, FILE)).contains(TEXT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"HEAD", "HEAD^{tree}", "HEAD:deploy", "HEAD:" + FILE})
    void refusesObjectThatWasOverwritten(String victim) throws Exception {
        CommitSha commit = commit("sha1");
        Path own = object(git("rev-parse", victim));
        String kind = git("cat-file", "-t", victim);
        Files.writeString(repository.resolve("evil"), "evil: true\n");
        String evil = switch (kind) {
            case "blob" -> git("hash-object", "-w", "evil");
            case "tree" -> git("mktree", "--missing");
            default -> git("commit-tree", git("mktree", "--missing"), "-m", "evil");
        };
        own.toFile().setWritable(true);
        Files.write(own, Files.readAllBytes(object(evil)));
        assertThatThrownBy(() -> read(commit, FILE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the repository has no " + kind);
    }

    @Test
    void runsNothingThatTheRepositoryNames() throws Exception {
        CommitSha commit = commit("sha1");
        Path ran = repository.resolve("ran");
        Files.delete(object(git("rev-parse", "HEAD:" + FILE)));
        git("config", "core.repositoryFormatVersion", "1");
        git("config", "extensions.partialClone", "origin");
        git("config", "remote.origin.url", "ext::touch " + ran);
        git("config", "protocol.ext.allow", "always");
        assertThatThrownBy(() -> read(commit, FILE)).hasMessageContaining("the repository has no blob");
        assertThat(ran).doesNotExist();
    }

    @Test
    void refusesWhatIsNoOrdinaryFile() throws Exception {
        git("init", "--quiet");
        Files.createSymbolicLink(repository.resolve("link"), Path.of("directory/file"));
        Files.createDirectories(repository.resolve("directory"));
        Files.writeString(repository.resolve("directory/file"), "text");
        CommitSha commit = commitAll();
        assertThatThrownBy(() -> read(commit, "link")).hasMessage("\"link\" is no ordinary file in the commit");
        assertThatThrownBy(() -> read(commit, "directory")).hasMessageContaining("no ordinary file");
        assertThatThrownBy(() -> read(commit, "directory/file/more")).hasMessageContaining("no directory");
    }

    @Test
    void refusesOutputThatBreaksOff() throws Exception {
        CommitSha commit = commit("sha1");
        byte[] whole = batch(commit, FILE);
        for (int length = 0; length < whole.length - TEXT.getBytes(UTF_8).length; length++) {
            byte[] part = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> GitObjects.parse(commit, part).file(FILE))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    private Optional<String> read(CommitSha commit, String path) throws Exception {
        return GitObjects.parse(commit, batch(commit, path)).file(path).map(bytes -> new String(bytes, UTF_8));
    }

    private byte[] batch(CommitSha commit, String path) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                "sh",
                "-c",
                Checkout.READ_OBJECTS,
                "read-objects",
                repository.resolve(".git/objects").toString(),
                commit.value().length() == 40 ? "sha1" : "sha256"));
        command.addAll(GitObjects.names(commit, path));
        return run(command);
    }

    private CommitSha commit(String algorithm) throws Exception {
        git("init", "--quiet", "--object-format=" + algorithm);
        Files.createDirectories(repository.resolve("deploy/app"));
        Files.writeString(repository.resolve(FILE), TEXT);
        Files.writeString(repository.resolve("README"), "read me");
        return commitAll();
    }

    private CommitSha commitAll() throws Exception {
        git("add", "--all");
        git("commit", "--quiet", "--message", "all");
        return new CommitSha(git("rev-parse", "HEAD"));
    }

    private Path object(String hash) {
        return repository.resolve(".git/objects").resolve(hash.substring(0, 2)).resolve(hash.substring(2));
    }

    private String git(String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of("git"));
        command.addAll(List.of(words));
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
