package dev.gitopsexecutor.secrets;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gitopsexecutor.model.EnvKey;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Reads env files back through the Compose of a target host. */
class EnvFileIT {
    private static final String IMAGE = "gitops-executor/host:1";
    private static final String COMPOSE = "{services: {app: {image: x, env_file: [app.env]}}}";

    @Test
    void composeReadsEveryValueBackExactly() throws Exception {
        assumeTrue(exitCode("docker", "image", "inspect", IMAGE) == 0, IMAGE + " is not on this machine's engine");
        SortedMap<EnvKey, SecretValue> values = values();

        JsonNode environment = readBack(EnvFile.render(values).reveal());

        assertThat(environment.size()).isEqualTo(values.size());
        // Compose writes a literal $ as $$ in what it prints.
        values.forEach((key, value) -> assertThat(
                        environment.path(key.value()).textValue().replace("$$", "$"))
                .as(key.value())
                .isEqualTo(value.reveal()));
    }

    private static SortedMap<EnvKey, SecretValue> values() {
        SortedMap<EnvKey, SecretValue> values = new TreeMap<>();
        List<String> texts = List.of(
                "",
                " ",
                "  blanks around  ",
                "tab\there",
                "'single' and \"double\"",
                "'",
                "\"",
                "''",
                "ends with \\",
                "\\",
                "\\\\",
                "\\n is not a line end",
                "\\\"",
                "\\$HOME",
                "$HOME ${HOME} $$ $1 $",
                "$",
                "${HOME:-default}",
                "${unclosed",
                "# no comment",
                "a #b",
                "one\ntwo\n",
                "one\r\ntwo\r\n",
                "\r",
                "\\r is no carriage return",
                "\n",
                "\n\nX=1\nY=2",
                "export Z=1",
                "a=b=c",
                "key: value",
                "naïve ☃ 漢字 😀 \u00a0\u2028\ufeff",
                "\u0001\u0007\b\u000b\f\u001b[31m\u007f",
                "-----BEGIN KEY-----\nabc+/=\n-----END KEY-----\n",
                "{\"json\": [1, \"two\", null]}",
                "`id` $(id) ; & | < > ! * ?",
                "%41 \\x41 \\101 \\u0041",
                "x".repeat(65_536),
                "$\\\"\n'".repeat(6_000));
        for (int i = 0; i < texts.size(); i++) {
            values.put(new EnvKey("V%03d".formatted(i)), SecretValue.of(texts.get(i)));
        }
        Random random = new Random(20261124);
        String alphabet = "ab0\\\"'$ #={}\r\n\t`&é";
        for (int i = 0; i < 500; i++) {
            StringBuilder text = new StringBuilder();
            for (int length = random.nextInt(24); length > 0; length--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            values.put(new EnvKey("R%03d".formatted(i)), SecretValue.of(text.toString()));
        }
        return values;
    }

    private static JsonNode readBack(String envFile) throws IOException, InterruptedException {
        String script = "cd \"$(mktemp -d)\" && printf '%s' '" + COMPOSE + "' >compose.yaml && cat >app.env"
                + " && docker compose -p x config --format json";
        Process process = new ProcessBuilder(
                        "docker", "run", "--rm", "-i", "--network=none", "--entrypoint=sh", IMAGE, "-c", script)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (var stdin = process.getOutputStream()) {
            stdin.write(envFile.getBytes(UTF_8));
        }
        byte[] output = process.getInputStream().readAllBytes();
        assertThat(process.waitFor()).isZero();
        return new ObjectMapper().readTree(output).at("/services/app/environment");
    }

    private static int exitCode(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException notInstalled) {
            return 127;
        }
    }
}
