package dev.gitopsexecutor.runner;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class DriverConfigTest {
    @Test
    void writesOneObjectAndNothingElseAndLeavesTheStreamOpen() throws IOException {
        AtomicBoolean closed = new AtomicBoolean();
        ByteArrayOutputStream out = new ByteArrayOutputStream() {
            @Override
            public void close() {
                closed.set(true);
            }
        };

        new DriverConfig("1.2", "/builds", "/cache").write(out);

        assertThat(out.toString(UTF_8))
                .isEqualTo("{\"driver\":{\"name\":\"gitops-executor\",\"version\":\"1.2\"},\"builds_dir\":\"/builds\","
                        + "\"cache_dir\":\"/cache\",\"builds_dir_is_shared\":false,\"shell\":\"bash\"}");
        assertThat(closed).isFalse();
    }
}
