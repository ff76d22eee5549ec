package dev.gitopsexecutor.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.model.JobId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LeftoversTest {
    private static final SandboxNames NAMES = new SandboxNames("0123abcd", new JobId(7));

    @TempDir
    private Path directory;

    @Test
    void removesWhatTheListsNameAndLooksAgain() throws IOException {
        Map<String, Deque<String>> lists = Map.of(
                "/containers/json", answers("[{\"Id\":\"c1\",\"Labels\":{\"Id\":\"no\"}},{\"Id\":\"c2\"}]", "[]"),
                "/networks", answers("[]"),
                "/volumes", answers("{\"Volumes\":[{\"Name\":\"v1\"}],\"Warnings\":null}", "{\"Volumes\":null}"));

        List<String> requests = remove(line -> line.startsWith("DELETE")
                ? answer("204 No Content", "")
                : answer("200 OK", lists.getOrDefault(target(line), answers()).remove()));

        assertThat(requests)
                .containsOnlyOnce(
                        "DELETE /containers/c1?force=true&v=true HTTP/1.0",
                        "DELETE /containers/c2?force=true&v=true HTTP/1.0",
                        "DELETE /volumes/v1 HTTP/1.0")
                .hasSize(8);
    }

    @Test
    void asksOnlyForWhatCarriesTheJobsLabels() throws IOException {
        List<String> requests = remove(line -> answer("200 OK", "[]"));

        assertThat(requests)
                .hasSize(3)
                .allMatch(
                        line -> line.contains("filters=%7B%22label%22%3A%5B%22dev.gitopsexecutor.instance%3D0123abcd%22"
                                + "%2C%22dev.gitopsexecutor.job%3D7%22%5D%7D"));
    }

    @Test
    void whatIsGoneOrAboutToGoIsNoFailure() throws IOException {
        Deque<String> containers = answers("[{\"Id\":\"c1\"}]", "[{\"Id\":\"c1\"}]", "[]");
        Deque<String> statuses = answers("409 Conflict", "404 Not Found");

        List<String> requests = remove(line -> line.startsWith("DELETE")
                ? answer(statuses.remove(), "{\"message\":\"removal is already in progress\"}")
                : answer("200 OK", target(line).startsWith("/containers") ? containers.remove() : "[]"));

        assertThat(requests).filteredOn(line -> line.startsWith("DELETE")).hasSize(2);
    }

    @Test
    void enginesNoEndsIt() {
        assertThatThrownBy(() -> remove(line -> answer("500 Internal Server Error", "{\"message\":\"disk is gone\"}")))
                .isInstanceOfSatisfying(ExecutorException.class, failed -> {
                    assertThat(failed.code()).isEqualTo(FailureCode.ENGINE_FAILED);
                    assertThat(failed.failure().saw()).isEqualTo("disk is gone");
                });
    }

    private List<String> remove(Function<String, List<byte[]>> answers) throws IOException {
        try (EngineStub stub = EngineStub.open(directory, answers)) {
            new Leftovers(new EngineSocket(stub.socket()), InstantSource.system()).remove(NAMES);
            return stub.requests();
        }
    }

    private static Deque<String> answers(String... texts) {
        return new ArrayDeque<>(List.of(texts));
    }

    private static String target(String line) {
        return line.replaceFirst("[A-Z]+ ([^ ?]+).*", "$1");
    }

    private static List<byte[]> answer(String status, String body) {
        return List.of(EngineStub.bytes("HTTP/1.1 %s\r\n\r\n%s".formatted(status, body)));
    }
}
