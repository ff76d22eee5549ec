package dev.gitopsexecutor.target;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShellQuoteTest {
    private static final String ALPHABET = "ab'\"\\$`!*?~#&|;<>(){}[]=-+@^,. %\t\n\rä€😀\u0001\u007f";

    @TempDir
    Path directory;

    @SuppressWarnings("OrphanedFormatString") // it is the shell's printf that formats
    @ParameterizedTest
    @ValueSource(strings = {"sh", "bash", "dash", "busybox"})
    void everyTextComesBackAsOneWord(String shell) throws Exception {
        List<String> command = shell.equals("busybox") ? List.of("busybox", "sh") : List.of(shell);
        Assumptions.assumeTrue(
                Stream.of("/bin/", "/usr/bin/").anyMatch(bin -> Files.exists(Path.of(bin + command.getFirst()))),
                shell + " is not installed");
        List<String> words = words();
        StringBuilder script = new StringBuilder("show() { for word; do printf '%s\\0' \"$word\"; done; }\n");
        words.forEach(word -> script.append("show ")
                .append(ShellQuote.quote(word))
                .append(' ')
                .append(ShellQuote.quote(word))
                .append('\n'));
        String[] seen = output(command, script.toString()).split("\0", -1);
        assertThat(seen).hasSize(2 * words.size() + 1);
        for (int index = 0; index < words.size(); index++) {
            assertThat(seen[2 * index]).isEqualTo(words.get(index));
            assertThat(seen[2 * index + 1]).isEqualTo(words.get(index));
        }
    }

    @Test
    void refusesNul() {
        assertThatThrownBy(() -> ShellQuote.quote("a\0b")).hasMessage("a shell word cannot hold NUL");
    }

    private static List<String> words() {
        Random random = new Random(20261124);
        int[] letters = ALPHABET.codePoints().toArray();
        Stream<String> made = Stream.generate(() -> {
                    StringBuilder word = new StringBuilder();
                    for (int left = random.nextInt(12); left > 0; left--) {
                        word.appendCodePoint(letters[random.nextInt(letters.length)]);
                    }
                    return word.toString();
                })
                .limit(20_000);
        return Stream.concat(Stream.of("", "'", "''", "-n", "--", "$(id)", "`id`", "\n", "\\", "a'b'c"), made)
                .toList();
    }

    private String output(List<String> shell, String script) throws IOException, InterruptedException {
        Path file = Files.writeString(directory.resolve("script"), script);
        Process process = new ProcessBuilder(Stream.concat(shell.stream(), Stream.of(file.toString()))
                        .toList())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).isZero();
        return output;
    }
}
