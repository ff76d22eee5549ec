package dev.gitopsexecutor.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gitopsexecutor.model.CommitSha;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Repositories as a job's script may leave them, read through a real Git. */
class GitObjectsTest {
    private static final String FILE = "deploy/app/compose.yaml";
    private static final String TEXT = "services: {app: {image: shop}}\n# ünïcode\n";

    @TempDir
    private Path directory;

    private GitRepository repository;

    @BeforeEach
    void locate() {
        repository = new GitRepository(directory);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sha1", "sha256"})
    void readsFileOfTheCommitAndNotOfTheWorkingTree(String algorithm) throws Exception {
        CommitSha commit = commit(algorithm);
        Files.writeString(directory.resolve(FILE), "something else");
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
        Files.writeString(directory.resolve("evil"), "evil: true\n");
        var _ = repository.git(
                "replace", repository.git("rev-parse", "HEAD:" + FILE), repository.git("hash-object", "-w", "evil"));
        assertThat(repository.git("show", "HEAD:" + FILE)).isEqualTo("evil: true");
        assertThat(read(commit, FILE)).contains(TEXT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"HEAD", "HEAD^{tree}", "HEAD:deploy", "HEAD:" + FILE})
    void refusesObjectThatWasOverwritten(String victim) throws Exception {
        CommitSha commit = commit("sha1");
        Path own = repository.object(repository.git("rev-parse", victim));
        String kind = repository.git("cat-file", "-t", victim);
        Files.writeString(directory.resolve("evil"), "evil: true\n");
        String evil = switch (kind) {
            case "blob" -> repository.git("hash-object", "-w", "evil");
            case "tree" -> repository.git("mktree", "--missing");
            default -> repository.git("commit-tree", repository.git("mktree", "--missing"), "-m", "evil");
        };
        own.toFile().setWritable(true);
        Files.write(own, Files.readAllBytes(repository.object(evil)));
        assertThatThrownBy(() -> read(commit, FILE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the repository has no " + kind);
    }

    @Test
    void runsNothingThatTheRepositoryNames() throws Exception {
        CommitSha commit = commit("sha1");
        Path ran = directory.resolve("ran");
        Files.delete(repository.object(repository.git("rev-parse", "HEAD:" + FILE)));
        var _ = repository.git("config", "core.repositoryFormatVersion", "1");
        var _ = repository.git("config", "extensions.partialClone", "origin");
        var _ = repository.git("config", "remote.origin.url", "ext::touch " + ran);
        var _ = repository.git("config", "protocol.ext.allow", "always");
        assertThatThrownBy(() -> read(commit, FILE)).hasMessageContaining("the repository has no blob");
        assertThat(ran).doesNotExist();
    }

    @Test
    void refusesWhatIsNoOrdinaryFile() throws Exception {
        repository.init();
        Files.createSymbolicLink(directory.resolve("link"), Path.of("directory/file"));
        Files.createDirectories(directory.resolve("directory"));
        Files.writeString(directory.resolve("directory/file"), "text");
        CommitSha commit = repository.commit();
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

    @Test
    void readsTitleAndAuthorOfTheCommit() throws Exception {
        repository.init();
        var _ = repository.git(
                "commit",
                "--allow-empty",
                "--quiet",
                "--author=Zoë \u001b[31mÅs <zoe@example.com>",
                "--message=\u202eHide the\tprice\n\nauthor Mallory <m@example.com>");
        CommitSha commit = new CommitSha(repository.git("rev-parse", "HEAD"));

        GitObjects objects = GitObjects.parse(commit, repository.objects("sha1", List.of(commit.value())));

        assertThat(objects.commitTitle()).contains("Hide the    price");
        assertThat(objects.commitAuthor()).contains("Zoë Ås");
        GitObjects nothing = GitObjects.parse(commit, new byte[0]);
        assertThat(nothing.commitTitle()).isEmpty();
        assertThat(nothing.commitAuthor()).isEmpty();
    }

    private Optional<String> read(CommitSha commit, String path) throws Exception {
        return GitObjects.parse(commit, batch(commit, path)).file(path).map(bytes -> new String(bytes, UTF_8));
    }

    private byte[] batch(CommitSha commit, String path) {
        String algorithm = commit.value().length() == 40 ? "sha1" : "sha256";
        return repository.objects(algorithm, GitObjects.names(commit, path));
    }

    private CommitSha commit(String algorithm) throws Exception {
        repository.init("--object-format=" + algorithm);
        repository.write(FILE, TEXT.getBytes(UTF_8));
        repository.write("README", "read me".getBytes(UTF_8));
        return repository.commit();
    }
}
