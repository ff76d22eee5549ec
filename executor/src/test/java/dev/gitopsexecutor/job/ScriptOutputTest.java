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

    @Test
    void knowsSectionsThatAreLeftOpen() throws IOException {
        print("section_start:1:outer[collapsed=true]\r\u001b[0Kone\n");
        print("section_start:2:closed\r\u001b[0Ktwo\nsection_end:3:closed\r\u001b[0K");
        print("echo section_start:4:quoted\n");
        print("section_start:5:inner.a-b_c\r\u001b[0K");
        assertThat(output.openSections()).containsExactly("inner.a-b_c", "outer");
        print("section_end:6:inner.a-b_c\r\u001b[0K");
        assertThat(output.openSections()).containsExactly("outer");
    }

    @Test
    void knowsSectionsWhoseMarkersComeInPieces() throws IOException {
        String text = "x".repeat(1000) + "section_start:1:one\r\u001b[0Ksection_start:1:two\r\u001b[0K"
                + "y".repeat(1000) + "section_end:1:two\r\u001b[0K";
        for (byte b : text.getBytes(UTF_8)) {
            output.write(b);
        }
        assertThat(output.openSections()).containsExactly("one");
        assertThat(log).hasToString(text);
    }

    @Test
    void knowsSectionsWithLongNamesAndOptions() throws IOException {
        String name = "n".repeat(1000);
        String text = "section_start:1:%s[collapsed=true,of_later=[%s]]\r\u001b[0K".formatted(name, "o".repeat(900));
        for (byte b : text.getBytes(UTF_8)) {
            output.write(b);
        }
        assertThat(output.openSections()).containsExactly(name);
    }

    @Test
    void remembersNoMoreSectionsThanAnybodyReads() throws IOException {
        for (int i = 0; i < 10_000; i++) {
            print("section_start:1:s%d\r\u001b[0K".formatted(i));
        }
        assertThat(output.openSections()).hasSize(100).startsWith("s9999", "s9998");
    }

    private void print(String text) throws IOException {
        output.write(text.getBytes(UTF_8));
    }
}
