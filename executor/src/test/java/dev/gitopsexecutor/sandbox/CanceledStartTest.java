package dev.gitopsexecutor.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gitopsexecutor.failure.Blame;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.model.ImageRef;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A job that is canceled while its containers are on their way. */
@Timeout(60)
class CanceledStartTest {
    private static final ImageRef IMAGE = ImageRef.parse("gitops-executor/job:1");

    @TempDir
    private Path directory;

    private final Cancellation cancellation = new Cancellation();

    @Test
    void hangsUpOnThePullThatIsInProgress() throws IOException {
        try (EngineStub stub = EngineStub.open(directory, line -> {
            if (line.startsWith("POST /images/create")) {
                cancellation.request();
                return List.of();
            }
            return line.contains("/images/") ? answer("404 Not Found", "{}") : nothing(line);
        })) {
            assertCanceled(stub);
            Awaitility.await()
                    .untilAsserted(
                            () -> assertThat(stub.abandoned()).anyMatch(line -> line.contains("/images/create")));
        }
    }

    @Test
    void createsNothingAfterTheWish() throws IOException {
        cancellation.request();
        try (EngineStub stub = EngineStub.open(directory, CanceledStartTest::nothing)) {
            assertCanceled(stub);
            assertThat(stub.requests()).noneMatch(line -> line.contains("/create"));
        }
    }

    @Test
    void startsNoContainerThatWasBeingCreated() throws IOException {
        try (EngineStub stub = EngineStub.open(directory, line -> {
            if (line.startsWith("POST /containers/create")) {
                cancellation.request();
            }
            return nothing(line);
        })) {
            assertCanceled(stub);
            List<String> requests = stub.requests();
            assertThat(requests).noneMatch(line -> line.contains("/start"));
            int created = requests.indexOf("POST /volumes/create HTTP/1.1");
            assertThat(requests.subList(created, requests.size()))
                    .as("looks for what there is to remove")
                    .anyMatch(line -> line.startsWith("GET /containers/json"))
                    .anyMatch(line -> line.startsWith("GET /volumes"));
        }
    }

    private void assertCanceled(EngineStub stub) {
        SandboxSettings settings = new SandboxSettings(
                stub.socket(),
                "0123abcd",
                new SandboxSettings.Helper(IMAGE, "bridge", Optional.empty()),
                "/builds",
                "/cache",
                RealSandbox.LIMITS,
                Optional.empty(),
                SandboxSettings.DEFAULT_APP_ARMOR,
                Optional.empty());
        JobLog log = new JobLog(new PrintStream(new ByteArrayOutputStream(), false, UTF_8), InstantSource.system());
        SandboxSpec spec = RealSandbox.spec(RealSandbox.JOB, IMAGE, Duration.ofMinutes(10));
        try (Sandbox sandbox = Sandbox.connect(settings, InstantSource.system())) {
            assertThatThrownBy(() -> sandbox.start(spec, log, cancellation))
                    .isInstanceOfSatisfying(ExecutorException.class, failed -> {
                        assertThat(failed.code()).isEqualTo(FailureCode.CANCELED);
                        assertThat(failed.blame()).isEqualTo(Blame.SYSTEM);
                    });
        }
    }

    /** An engine that has the image and nothing else, and does what it is asked. */
    private static List<byte[]> nothing(String line) {
        String target = line.replaceFirst("[A-Z]+ ([^ ?]+).*", "$1");
        return switch (target) {
            case "/containers/json", "/networks" -> answer("200 OK", "[]");
            case "/info" -> answer("200 OK", EngineStub.INFO);
            case "/volumes" -> answer("200 OK", "{\"Volumes\":[]}");
            default -> answer("200 OK", "{\"Id\":\"sha256:%s\",\"Name\":\"x\"}".formatted("0".repeat(64)));
        };
    }

    private static List<byte[]> answer(String status, String body) {
        return List.of(EngineStub.answer(status, body));
    }
}
