package dev.gitopsexecutor.io;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PlainTextTest {
    @Test
    void dropsEscapesAndControls() {
        assertThat(PlainText.lastLines("\u001b[31mred\u001b[0m \u0007bell\u001b]0;title\u0007!\r\nnext\tcell", 9))
                .containsExactly("red bell!", "next    cell");
    }

    @Test
    void dropsSectionMarkersThatWouldFoldTheLog() {
        assertThat(PlainText.lastLines("section_end:1:x\r\u001b[0Khello", 9))
                .containsExactly("section_end:1:x", "hello");
    }

    @Test
    void keepsTheLastLinesAndShortensLongOnes() {
        assertThat(PlainText.lastLines("one\n\ntwo\nthree", 2)).containsExactly("two", "three");
        assertThat(PlainText.lastLines("x".repeat(5000), 2).getFirst()).hasSize(501);
    }

    @Test
    void joinsToOneSentence() {
        assertThat(PlainText.sentence("one\ntwo\n")).isEqualTo("one; two");
    }
}
