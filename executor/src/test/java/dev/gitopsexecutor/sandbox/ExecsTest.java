package dev.gitopsexecutor.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.FailureCode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What an engine may do wrong between a command's start and its exit code. */
@Timeout(60)
@Execution(ExecutionMode.CONCURRENT)
class ExecsTest {
    private static final String ID = "0123456789abcdef";
    private static final String ATTACHED = "HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\n\r\n";
    private static final String EXITED =
            "{\"Running\":false,\"Pid\":7,\"ExitCode\":3,\"ProcessConfig\":{\"tty\":false}}";

    @TempDir
    private Path directory;

    @Test
    void outputIsTakenApartHoweverItIsCut() throws IOException {
        List<byte[]> parts = new ArrayList<>();
        for (byte[] part : List.of(
                EngineStub.bytes(ATTACHED),
                EngineStub.frame(1, "out"),
                EngineStub.frame(2, "err"),
                EngineStub.frame(1, ""),
                EngineStub.frame(1, "\u00ff\u0000!"))) {
            for (byte single : part) {
                parts.add(new byte[] {single});
            }
        }
        try (EngineStub stub = engine(parts, json("200 OK", EXITED))) {
            CommandResult result = capture(stub, 100);

            assertThat(result.exitCode()).isEqualTo(3);
            assertThat(result.stdout()).isEqualTo(EngineStub.bytes("out\u00ff\u0000!"));
            assertThat(result.stderr()).isEqualTo("err");
        }
    }

    @Test
    void outputThatBreaksOffInTheMiddleIsNotTheCommandsFault() throws IOException {
        byte[] whole = EngineStub.frame(1, "output");
        byte[] half = Arrays.copyOf(whole, whole.length - 1);
        try (EngineStub stub = engine(List.of(EngineStub.bytes(ATTACHED), half), json("200 OK", EXITED))) {
            assertFails(stub, FailureCode.ENGINE_UNREACHABLE, "in the middle of the output");
        }
    }

    @Test
    void commandThatNeverStartedHasNoExitCode() throws IOException {
        String never = "{\"Running\":false,\"Pid\":0,\"ExitCode\":126}";
        try (EngineStub stub = engine(
                List.of(EngineStub.bytes(ATTACHED), EngineStub.frame(1, "OCI runtime exec failed")),
                json("200 OK", never))) {
            assertFails(stub, FailureCode.ENGINE_FAILED, "the engine could not start the command");
        }
    }

    @Test
    void commandThatTheEngineForgotHasNoExitCode() throws IOException {
        try (EngineStub stub =
                engine(List.of(EngineStub.bytes(ATTACHED)), json("404 Not Found", "{\"message\":\"No such exec\"}"))) {
            assertFails(stub, FailureCode.ENGINE_FAILED, "does not exist any more");
        }
    }

    @Test
    void commandThatRunsOnWithoutItsOutputIsNotWaitedForForEver() throws IOException {
        try (EngineStub stub = engine(
                List.of(EngineStub.bytes(ATTACHED)),
                json("200 OK", "{\"Running\":true,\"Pid\":7,\"ExitCode\":null}"))) {
            assertFails(stub, FailureCode.ENGINE_FAILED, "broke off while it still runs");
        }
    }

    @Test
    void refusedAttachIsShown() throws IOException {
        try (EngineStub stub = engine(
                List.of(json("409 Conflict", "{\"message\":\"Container is paused\"}")), json("200 OK", EXITED))) {
            assertFails(stub, FailureCode.ENGINE_FAILED, "Container is paused");
        }
    }

    @Test
    void whatIsNoEngineIsNamed() throws IOException {
        try (EngineStub stub = EngineStub.open(directory, line -> List.of(EngineStub.bytes("SSH-2.0-x\r\n\r\n")))) {
            assertFails(stub, FailureCode.ENGINE_UNREACHABLE, "does not speak HTTP");
        }
    }

    private EngineStub engine(List<byte[]> attach, byte[] state) throws IOException {
        return EngineStub.open(directory, line -> {
            if (line.endsWith("/start HTTP/1.1")) {
                return attach;
            }
            return List.of(line.startsWith("GET") ? state : json("201 Created", "{\"Id\":\"" + ID + "\"}"));
        });
    }

    private static byte[] json(String status, String body) {
        return EngineStub.bytes("HTTP/1.0 %s\r\nContent-Length: %d\r\n\r\n%s".formatted(status, body.length(), body));
    }

    private static CommandResult capture(EngineStub stub, int limit) {
        return new Execs(new EngineSocket(stub.socket()))
                .capture("run a command", "container", List.of("true"), limit, Duration.ofSeconds(20));
    }

    private static void assertFails(EngineStub stub, FailureCode code, String saw) {
        assertThatThrownBy(() -> capture(stub, 100)).isInstanceOfSatisfying(ExecutorException.class, failed -> {
            assertThat(failed.failure().saw()).contains(saw);
            assertThat(failed.code()).isEqualTo(code);
        });
    }
}
