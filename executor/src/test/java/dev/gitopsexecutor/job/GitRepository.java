package dev.gitopsexecutor.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.model.CommitSha;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A repository for tests, made by the real Git without any configuration of the user. */
record GitRepository(Path root) {

    void init(String... options) {
        List<String> words = new ArrayList<>(List.of("init", "--quiet"));
        words.addAll(List.of(options));
        var _ = git(words.toArray(String[]::new));
    }

    void write(String path, byte[] content) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.write(file, content);
    }

    /** All that lies there, even if it is as before. */
    CommitSha commit() {
        var _ = git("add", "--all");
        return commitStaged();
    }

    CommitSha commitStaged() {
        var _ = git("commit", "--quiet", "--allow-empty", "--message", "all");
        return new CommitSha(git("rev-parse", "HEAD"));
    }

    /** What a sandbox would print of these objects, for {@link GitObjects}. */
    byte[] objects(String algorithm, List<String> names) {
        List<String> command = new ArrayList<>(List.of(
                "sh",
                "-c",
                Checkout.READ_OBJECTS,
                "read-objects",
                root.resolve(".git/objects").toString(),
                algorithm));
        command.addAll(names);
        return run(command);
    }

    /** The file of a loose object. */
    Path object(String hash) {
        return root.resolve(".git/objects").resolve(hash.substring(0, 2)).resolve(hash.substring(2));
    }

    String git(String... words) {
        List<String> command = new ArrayList<>(List.of("git"));
        command.addAll(List.of(words));
        return text(command);
    }

    /** The name of a tree that {@code git add} would not make; lines as {@code git ls-tree} has them. */
    String tree(String lines) {
        return text(List.of("sh", "-c", "printf '%s' \"$0\" | git mktree", lines));
    }

    String sh(String script) {
        return text(List.of("sh", "-c", script));
    }

    private String text(List<String> command) {
        return new String(run(command), UTF_8).strip();
    }

    private byte[] run(List<String> command) {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(root.toFile()).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment()
                .putAll(Map.of(
                        "GIT_AUTHOR_NAME", "a",
                        "GIT_AUTHOR_EMAIL", "a@example.com",
                        "GIT_COMMITTER_NAME", "a",
                        "GIT_COMMITTER_EMAIL", "a@example.com",
                        "GIT_CONFIG_GLOBAL", "/dev/null"));
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            byte[] output = process.getInputStream().readAllBytes();
            assertThat(process.waitFor()).as(command.toString()).isZero();
            return output;
        } catch (IOException | InterruptedException failed) {
            throw new IllegalStateException(failed);
        }
    }
}
