package dev.gitopsexecutor.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.FailureCode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an engine must be and have before anything is started on it. */
@Timeout(30)
class EngineFeaturesTest {
    private static final Duration LIMIT = Duration.ofSeconds(5);

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "name=seccomp,profile=default | false | false | -",
                "name=seccomp,profile=builtin | false | false | -",
                "name=apparmor                | false | false | it has not a filter of system calls (seccomp)",
                "name=seccompish              | false | false | it has not a filter of system calls (seccomp)",
                "name=seccomp,profile=default | true  | false | it has not AppArmor, which the policy requires",
                "name=seccomp,profile=default | false | true  | it has not a user namespace (userns-remap or a rootless",
                "name=seccomp;name=apparmor;name=userns | true | true | -",
                "name=seccomp;name=rootless   | false | true  | -"
            })
    void mustHaveWhatLocksContainersDown(String options, boolean appArmor, boolean userNamespace, String saw)
            throws IOException {
        String list = "[\"%s\"]".formatted(options.replace(";", "\",\""));
        String info = EngineStub.INFO.replaceFirst("\\[.*]", list);
        var wanted = new SandboxSpec.Requirements(appArmor, userNamespace);
        try (EngineStub stub = EngineStub.open(directory, line -> List.of(EngineStub.answer("200 OK", info)))) {
            EngineFeatures features = EngineFeatures.read(calls(stub), stub.socket());
            if (saw.equals("-")) {
                assertThatCode(() -> features.require(wanted, stub.socket())).doesNotThrowAnyException();
            } else {
                assertUnsuitable(() -> features.require(wanted, stub.socket()), saw);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "name=userns,  /var/lib/docker/165536.165536, 231068",
        "name=userns,  /srv/100000.65536,             165532",
        "name=userns,  /var/lib/docker,               65532",
        "name=seccomp, /var/lib/docker/165536.165536, 65532",
        "name=rootless, /home/a/1000.1000,            65532"
    })
    void knowsTheMachinesIdOfAUser(String option, String root, long expected) {
        var features = new EngineFeatures(List.of(option), Map.of("DockerRootDir", root));

        assertThat(features.onMachine(65_532)).isEqualTo(expected);
    }

    @Test
    void mustHaveEveryLimit() throws IOException {
        String info = EngineStub.INFO
                .replace("\"MemoryLimit\": true", "\"MemoryLimit\": false")
                .replace("\"PidsLimit\": true,", "");
        try (EngineStub stub = EngineStub.open(directory, line -> List.of(EngineStub.answer("200 OK", info)))) {
            EngineFeatures features = EngineFeatures.read(calls(stub), stub.socket());

            assertUnsuitable(
                    () -> features.require(SandboxSpec.Requirements.NONE, stub.socket()),
                    "it has not a limit of memory, nor a limit of the number of processes");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "HTTP/1.0 200 OK\\r\\nApi-Version: 1.41 | 1.41",
                "HTTP/1.0 200 OK\\r\\napi-version:1.44 | 1.44",
                "HTTP/1.1 200 OK\\r\\nApi-Version: 1.52 | 1.45",
                "HTTP/1.0 200 OK\\r\\nApi-Version: 1.40 | its API is 1.40; 1.41, that of Docker 20.10, is the oldest",
                "HTTP/1.0 200 OK\\r\\nApi-Version: 2.0 | it does not tell the version of its API",
                "HTTP/1.0 200 OK\\r\\nServer: nginx | it does not tell the version of its API",
                "HTTP/1.0 404 Not Found\\r\\nApi-Version: 1.41 | it does not tell the version of its API"
            })
    void agreesOnAVersionOfTheApi(String ping, String expected) throws IOException {
        String answer = ping.replace("\\r\\n", "\r\n") + "\r\n\r\nOK";
        try (EngineStub stub =
                EngineStub.open(directory, answer, line -> List.of(EngineStub.answer("200 OK", EngineStub.INFO)))) {
            if (expected.startsWith("1.")) {
                var _ = EngineFeatures.read(calls(stub), stub.socket());
                // The stub leaves its own version out.
                assertThat(stub.requests())
                        .containsExactly(
                                "GET /v%s/info HTTP/1.0".formatted(expected).replace("/v1.41", ""));
            } else {
                assertUnsuitable(() -> EngineFeatures.read(calls(stub), stub.socket()), expected);
            }
        }
    }

    private static EngineCalls calls(EngineStub stub) {
        return new EngineCalls(new EngineSocket(stub.socket()), LIMIT);
    }

    private static void assertUnsuitable(ThrowingCallable act, String saw) {
        assertThatThrownBy(act).isInstanceOfSatisfying(ExecutorException.class, failed -> {
            assertThat(failed.code()).isEqualTo(FailureCode.ENGINE_UNSUITABLE);
            assertThat(failed.failure().saw()).startsWith(saw);
        });
    }
}
