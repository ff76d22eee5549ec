package dev.gitopsexecutor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A program of which every library is missing. */
class MainTest {
    @TempDir
    private Path directory;

    @Test
    void whatEscapesEverythingIsOneLineAndNotTheJobsFault() throws Exception {
        assertThat(exitCode("check")).isEqualTo(2);
        assertThat(directory.resolve("out")).isEmptyFile();
        assertThat(Files.readString(directory.resolve("err")))
                .matches("Cannot start or finish: java.lang.NoClassDefFoundError: .* \\[INTERNAL]\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"config", "prepare", "run", "cleanup"})
    void noStageBlamesTheJobOrWritesIntoTheAnswerOfConfig(String stage) throws Exception {
        assertThat(exitCode(stage)).isEqualTo(2);
        String output = Files.readString(directory.resolve("out"));
        assertThat(output + Files.readString(directory.resolve("err"))).contains("[INTERNAL]");
        assertThat(output.isEmpty()).isEqualTo(stage.equals("config") || stage.equals("cleanup"));
    }

    private int exitCode(String... arguments) throws IOException, InterruptedException, URISyntaxException {
        Path classes = Path.of(
                Main.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        Path config = Files.write(directory.resolve("executor.yaml"), "version: 1\n".getBytes(UTF_8));
        List<String> words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                classes.toString(),
                Main.class.getName()));
        words.addAll(List.of(arguments));
        words.add("--config=" + config);
        return new ProcessBuilder(words)
                .redirectOutput(directory.resolve("out").toFile())
                .redirectError(directory.resolve("err").toFile())
                .start()
                .waitFor();
    }
}
