package dev.gitopsexecutor.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gitopsexecutor.deploy.ShippedFiles.ShippedFile;
import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.secrets.EnvFile;
import dev.gitopsexecutor.secrets.SecretValue;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class StoredFilesTest {
    private static final String COMPOSE = "services: {}\n# ünïcode\n";
    private static final SortedMap<EnvKey, SecretValue> VARIABLES =
            new TreeMap<>(Map.of(new EnvKey("DATABASE_PASSWORD"), SecretValue.of("s3cret words")));

    @Test
    void readsEveryFileBack() {
        ShippedFile script = ShippedFile.of(true, "#!/bin/sh\n".getBytes(UTF_8));
        StoredFiles files = StoredFiles.of(line("compose.yaml", COMPOSE)
                + line(".env", EnvFile.render(VARIABLES).reveal())
                + "shipped %s 0755 %s\n"
                        .formatted(HostStateTest.base64("bin/run it.sh"), HostStateTest.base64("#!/bin/sh\n")));

        assertThat(files.compose()).isEqualTo(COMPOSE);
        assertThat(files.variables()).isEqualTo(VARIABLES);
        assertThat(files.shipped()).isEqualTo(ShippedFiles.whole(new TreeMap<>(Map.of("bin/run it.sh", script))));
    }

    @Test
    void refusesWhatIsNotThereOrDamaged() {
        StoredFiles files = StoredFiles.of("compose.yaml ***\nshipped YQ==\n");
        assertThatThrownBy(files::compose).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(files::variables).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(files::shipped).isInstanceOf(IllegalArgumentException.class);
    }

    private static String line(String name, String text) {
        return "%s %s\n".formatted(name, HostStateTest.base64(text));
    }
}
