package dev.gitopsexecutor.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.FailureCode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated("sets system properties")
@Timeout(60)
class EngineTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    private Path directory;

    @Test
    void engineThatNeverAnswersDoesNotHoldUsForEver() throws IOException {
        try (EngineStub stub = EngineStub.open(directory, line -> List.of());
                Engine engine = new Engine(new EngineSocket(stub.socket()))) {
            assertThatThrownBy(() -> engine.call(
                            "ask",
                            Duration.ofMillis(1500),
                            docker -> docker.infoCmd().exec()))
                    .isInstanceOfSatisfying(ExecutorException.class, failed -> {
                        assertThat(failed.code()).isEqualTo(FailureCode.ENGINE_UNREACHABLE);
                        assertThat(failed.failure().saw()).contains("no answer in 1 s");
                        assertThat(failed.failure().on()).contains(stub.socket().toString());
                    });
        }
    }

    @Test
    void missingSocketIsNamed() {
        try (Engine engine = new Engine(new EngineSocket(directory.resolve("none.sock")))) {
            assertThatThrownBy(() ->
                            engine.call("ask", LIMIT, docker -> docker.infoCmd().exec()))
                    .isInstanceOfSatisfying(ExecutorException.class, failed -> {
                        assertThat(failed.code()).isEqualTo(FailureCode.ENGINE_UNREACHABLE);
                        assertThat(failed.failure().on()).endsWith("none.sock");
                        assertThat(failed.failure().next()).contains("See that the engine runs");
                    });
        }
    }

    @Test
    void enginesNoIsShownWithoutItsWrapping() throws IOException {
        try (EngineStub stub = EngineStub.open(
                        directory,
                        line -> List.of(
                                EngineStub.answer("500 Internal Server Error", "{\"message\":\"no space\\n\"}")));
                Engine engine = new Engine(new EngineSocket(stub.socket()))) {
            assertThatThrownBy(() ->
                            engine.call("ask", LIMIT, docker -> docker.infoCmd().exec()))
                    .isInstanceOfSatisfying(ExecutorException.class, failed -> {
                        assertThat(failed.code()).isEqualTo(FailureCode.ENGINE_FAILED);
                        assertThat(failed.failure().saw()).isEqualTo("no space");
                    });
        }
    }

    @Test
    void whatIsNotThereIsNoFailureOfASearch() throws IOException {
        try (EngineStub stub = EngineStub.open(
                        directory,
                        line -> List.of(EngineStub.answer("404 Not Found", "{\"message\":\"No such container\"}")));
                Engine engine = new Engine(new EngineSocket(stub.socket()))) {
            assertThat(engine.find(
                            "look",
                            LIMIT,
                            docker -> docker.inspectContainerCmd("x").exec()))
                    .isEmpty();
        }
    }

    @Test
    void nothingAroundUsChangesWhomWeTalkToNorHow() throws IOException {
        System.setProperty("DOCKER_HOST", "tcp://127.0.0.1:1");
        System.setProperty("api.version", "9.99");
        System.setProperty("registry.username", "ambient");
        try (EngineStub stub =
                        EngineStub.open(directory, line -> List.of(EngineStub.answer("200 OK", "{\"Containers\":7}")));
                Engine engine = new Engine(new EngineSocket(stub.socket()))) {
            assertThat(engine.call("ask", LIMIT, docker -> docker.infoCmd().exec())
                            .getContainers())
                    .isEqualTo(7);
            boolean noLogin =
                    engine.call("ask", LIMIT, docker -> docker.pullImageCmd("x").getAuthConfig() == null);
            assertThat(noLogin).isTrue();
            assertThat(stub.requests()).containsExactly("GET /info HTTP/1.1");
        } finally {
            System.clearProperty("DOCKER_HOST");
            System.clearProperty("api.version");
            System.clearProperty("registry.username");
        }
    }
}
