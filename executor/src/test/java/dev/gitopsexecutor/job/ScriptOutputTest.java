package dev.gitopsexecutor.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class ScriptOutputTest {
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();
    private final ScriptOutput output = new ScriptOutput(log);

    @Test
    void silentScriptStopsAtTheBeginningOfALine() {
        assertThat(output.isMidLine()).isFalse();
    }

    @Test
    void knowsLineWithoutAnEnd() throws IOException {
        output.write("one\ntwo".getBytes(UTF_8));
        assertThat(output.isMidLine()).isTrue();
        output.write(new byte[0]);
        assertThat(output.isMidLine()).isTrue();
        output.write('\n');
        assertThat(output.isMidLine()).isFalse();
        assertThat(log).hasToString("one\ntwo\n");
    }
}
