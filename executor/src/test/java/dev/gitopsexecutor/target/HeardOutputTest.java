package dev.gitopsexecutor.target;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HeardOutputTest {
    private final BoundedOutput kept = new BoundedOutput(3000);
    private final List<String> heard = new ArrayList<>();
    private final HeardOutput output = new HeardOutput(kept, heard::add);

    @Test
    void tellsWholeLinesHoweverTheyCome() {
        for (String piece : List.of("lay", "ers 1 7\nlayers", " 2 7\n", "\nrest")) {
            write(piece);
        }
        assertThat(heard).containsExactly("layers 1 7", "layers 2 7", "");
        assertThat(kept.text()).isEqualTo("layers 1 7\nlayers 2 7\n\nrest");
    }

    @Test
    void tellsNoEndlessLineAndNothingPastTheLimit() {
        write("x".repeat(1001) + "\nshort\n");
        assertThat(heard).containsExactly("short");
        write("y\n".repeat(1000));
        assertThat(heard).hasSizeLessThan(1000);
        assertThat(kept.overflowed()).isTrue();
    }

    private void write(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        output.write(bytes, 0, bytes.length);
    }
}
