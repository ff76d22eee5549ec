package dev.gitopsexecutor.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.deploy.ShippedFiles.ShippedFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The files as the scripts of hosts write them and tell of them, with this machine's shell and tools. */
class ShippedFilesTest {
    private static final ShippedFiles SHIPPED = ShippedFiles.whole(new TreeMap<>(Map.of(
            "nginx/nginx.conf", ShippedFile.of(false, new byte[] {0, (byte) 0xff, '\n', 0}),
            "nginx/conf.d/a+b@c.conf", ShippedFile.of(false, new byte[0]),
            "bin/run.sh", ShippedFile.of(true, "#!/bin/sh\n".getBytes(UTF_8)))));

    @TempDir
    private Path release;

    private Path files;

    @BeforeEach
    void write() throws Exception {
        files = release.resolve("files");
        List<String> input = new ArrayList<>();
        SHIPPED.files().forEach((path, file) -> {
            input.add(base64(path));
            input.add(base64(file.executable() ? "0755" : "0644"));
            input.add(file.base64());
        });
        shell("umask 077; ship .", String.join("\n", input) + "\n\n");
    }

    @Test
    void areOnTheHostAsCommittedForContainersOfAnyUser() throws Exception {
        assertThat(Files.readAllBytes(files.resolve("nginx/nginx.conf"))).containsExactly(0, 0xff, '\n', 0);
        assertThat(shell("cd files; find . -exec stat -c '%a %n' {} + | sort", "")
                        .lines())
                .containsExactly(
                        "644 ./nginx/conf.d/a+b@c.conf",
                        "644 ./nginx/nginx.conf",
                        "755 .",
                        "755 ./bin",
                        "755 ./bin/run.sh",
                        "755 ./nginx",
                        "755 ./nginx/conf.d");
        assertThat(hash()).isEqualTo(SHIPPED.hash());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "echo x >>files/nginx/nginx.conf",
                "rm files/nginx/conf.d/a+b@c.conf",
                "echo more >files/more",
                "mkdir files/empty",
                "chmod 0600 files/nginx/nginx.conf",
                "chmod a+x files/nginx/nginx.conf",
                "chmod a-x files/bin/run.sh",
                "chmod 0700 files/nginx",
                "chmod 0777 files/nginx",
                "touch files/hidden; chmod 0 files/hidden",
                "mv files/bin/run.sh files/bin/a && ln -s a files/bin/run.sh",
                "mkfifo files/pipe",
                "mv files/bin/run.sh files/bin/'odd name'",
                // Lines of another file within a name.
                "mkdir -p \"files/bin/a$(printf '\\nx ')b\" && touch \"files/bin/a$(printf '\\nx ')b/c\"",
            })
    void tellChanges(String change) throws Exception {
        assertThat(shell(change, "")).isEmpty();
        assertThat(hash()).isNotEqualTo(SHIPPED.hash());
    }

    @Test
    void areNoFilesAtAllInAnEmptyDirectory() throws Exception {
        shell("rm -r files; umask 077; ship .", "\n");
        assertThat(hash()).isEqualTo(ShippedFiles.NONE.hash());
    }

    private String hash() throws Exception {
        return shell("shipped .", "").strip();
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
    }

    /** What {@code script} prints, with the functions that scripts of hosts have; fails when it does. */
    private String shell(String script, String input) throws IOException, InterruptedException {
        String text = resource("/dev/gitopsexecutor/target/prelude.sh")
                + resource("/dev/gitopsexecutor/deploy/layout.sh")
                + script;
        Process process = new ProcessBuilder("sh", "-c", text)
                .directory(release.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        process.getOutputStream().write(input.getBytes(UTF_8));
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(script).isZero();
        return output;
    }

    private static String resource(String name) throws IOException {
        try (var stream = ShippedFilesTest.class.getResourceAsStream(name)) {
            return new String(stream.readAllBytes(), UTF_8);
        }
    }
}
