package dev.gitopsexecutor.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.report.ReportFiles;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the helper container does to write a report, done here; with the rights of a job only there. */
class ReportWriterTest {
    private static final ReportFiles FILES =
            new ReportFiles("<p>ü \0\n" + "x".repeat(300_000), "{}\n", "GITOPS_OUTCOME=deployed\n");

    @TempDir
    private Path directory;

    private Path project;
    private Path report;

    @BeforeEach
    void makeProject() throws IOException {
        project = Files.createDirectory(directory.toRealPath().resolve("project"));
        report = project.resolve("gitops-report");
    }

    @Test
    void writesTheFilesAndNothingElse() throws Exception {
        assertThat(write(project)).isEmpty();

        assertWritten();
    }

    @Test
    void replacesWhatStandsInItsPlace() throws Exception {
        Files.createDirectories(report.resolve("deploy.env/deep"));
        Files.writeString(report.resolve("deploy.env/deep/file"), "old");
        Files.writeString(report.resolve("other"), "old");
        assertThat(report.resolve("deploy.env/deep").toFile().setReadable(false))
                .isTrue();
        assertThat(report.toFile().setWritable(false)).isTrue();

        assertThat(write(project)).isEmpty();

        assertWritten();
        assertThat(write(project)).as("again").isEmpty();
        assertWritten();
    }

    @ParameterizedTest
    @ValueSource(strings = {"../elsewhere", "../nowhere", "gitops-report"})
    void followsNoLink(String target) throws Exception {
        Path elsewhere = Files.createDirectory(project.resolveSibling("elsewhere"));
        Files.writeString(elsewhere.resolve("deploy.env"), "theirs");
        Files.createSymbolicLink(report, Path.of(target));

        assertThat(write(project)).isEmpty();

        assertWritten();
        assertThat(Files.readString(elsewhere.resolve("deploy.env"))).isEqualTo("theirs");
        assertThat(names(elsewhere)).containsExactly("deploy.env");
    }

    @Test
    void replacesAFile() throws Exception {
        Files.writeString(report, "a file");

        assertThat(write(project)).isEmpty();

        assertWritten();
    }

    @Test
    void writesNothingWhereTheProjectItselfIsALink() throws Exception {
        Path link = Files.createSymbolicLink(project.resolveSibling("link"), project);

        assertThat(write(link)).contains(link + " is a link");

        assertThat(names(project)).isEmpty();
    }

    private void assertWritten() throws IOException {
        assertThat(names(project)).containsExactly("gitops-report");
        assertThat(Files.isDirectory(report, LinkOption.NOFOLLOW_LINKS)).isTrue();
        assertThat(names(report)).containsExactly("deploy-report.html", "deploy-report.json", "deploy.env");
        assertThat(Files.readString(report.resolve("deploy-report.html"))).isEqualTo(FILES.page());
        assertThat(Files.readString(report.resolve("deploy-report.json"))).isEqualTo(FILES.json());
        assertThat(Files.readString(report.resolve("deploy.env"))).isEqualTo(FILES.dotenv());
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    /** What it said. */
    private static String write(Path project) throws IOException, InterruptedException {
        var contents = ReportWriter.contents(FILES);
        Process process = new ProcessBuilder(new ArrayList<>(ReportWriter.command(project, contents)))
                .redirectErrorStream(true)
                .start();
        try (OutputStream input = process.getOutputStream()) {
            for (byte[] content : contents.values()) {
                input.write(content);
            }
        } catch (IOException closed) {
            // It ended before it read all.
        }
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        process.waitFor();
        return said;
    }
}
