package dev.gitopsexecutor.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.sandbox.EngineStub;
import dev.gitopsexecutor.secrets.Masker;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StagesTest {
    private static final String ID = "0123456789abcdef";
    private static final OutputStream UNREAD = new OutputStream() {
        @Override
        public void write(int b) throws IOException {
            throw new IOException("Broken pipe");
        }
    };

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir
    private Path directory;

    @Test
    void goesOnToTheDeployAfterAGreenScript() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (EngineStub engine = engine("")) {
            int code = buildScript(engine, out);
            assertThat(code).as(out.toString(UTF_8)).isEqualTo(1);
            assertThat(out.toString(UTF_8)).contains("The script succeeded.", "[TOKEN_MISSING]");
        }
    }

    @Test
    void beginsNoDeployWhenNobodyReadsTheLog() throws IOException {
        try (EngineStub engine = engine("")) {
            assertThat(buildScript(engine, UNREAD)).isEqualTo(2);
            assertThat(engine.requests()).as("the script alone").hasSize(3);
        }
        assertThat(err.toString(UTF_8))
                .contains("Cannot begin the deploy. [OUTPUT_LOST]", "on:   the job log of build_script, job 102");
    }

    @Test
    void endsTheScriptWhoseOutputNobodyReads() throws IOException {
        try (EngineStub engine = engine("some output")) {
            assertThat(buildScript(engine, UNREAD)).isEqualTo(2);
        }
        assertThat(err.toString(UTF_8))
                .contains("Cannot pass on the script's output. [OUTPUT_LOST]", "java.io.IOException: Broken pipe");
    }

    @Test
    void masksTheMessageAndTheStackOfWhatNobodyForesaw() throws IOException {
        Masker masker = new Masker();
        masker.add("s3cret in a message");
        InstantSource broken = () -> {
            throw new IllegalStateException("Unexpected 's3cret in a message' at 1:7\n{s3cret in a message}");
        };
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Path script = Files.writeString(directory.resolve("script"), "true");
        try (EngineStub engine = engine("")) {
            Invocation sound =
                    invocation(out, "--config=" + config(engine.socket()), script.toString(), "build_script");
            Invocation invocation =
                    new Invocation(sound.arguments(), sound.environment(), out, err, broken, new Cancellation());

            assertThat(Stages.run("run", invocation, masker)).isEqualTo(2);
        }

        assertThat(out.toString(UTF_8))
                .contains("[INTERNAL]", "Unexpected '[MASKED]' at 1:7", "{[MASKED]}", "at dev.gitopsexecutor.job.")
                .doesNotContain("s3cret");
    }

    @Test
    void configFailsWhenNobodyTakesItsAnswer() throws IOException {
        assertThat(Stages.run(
                        "config", invocation(UNREAD, "--config=" + config(directory.resolve("none"))), new Masker()))
                .isEqualTo(2);
        assertThat(err.toString(UTF_8))
                .contains("Cannot tell the runner about this executor. [OUTPUT_LOST]", "Broken pipe");
    }

    private int buildScript(EngineStub engine, OutputStream out) throws IOException {
        Path script = Files.writeString(directory.resolve("script"), "true");
        return Stages.run(
                "run",
                invocation(out, "--config=" + config(engine.socket()), script.toString(), "build_script"),
                new Masker());
    }

    private Invocation invocation(OutputStream out, String... arguments) throws IOException {
        Path response = Files.writeString(directory.resolve("response.json"), """
                {"id": 102, "token": "job-token",
                 "job_info": {"name": "deploy", "project_id": 22},
                 "git_info": {"repo_url": "https://gitlab.example.com/acme/app.git", "ref": "main",
                              "sha": "4c300d29c32b7e55210788f6835f3f000dc9cc7a", "ref_type": "branch"}}
                """);
        return new Invocation(
                List.of(arguments),
                Map.of("JOB_RESPONSE_FILE", response.toString()),
                out,
                err,
                InstantSource.system(),
                new Cancellation());
    }

    private Path config(Path socket) throws IOException {
        String example = Files.readString(Path.of("../packaging/etc/executor.yaml"));
        Path policy = Files.copy(
                Path.of("../packaging/etc/policy.yaml"),
                directory.resolve("policy.yaml"),
                StandardCopyOption.REPLACE_EXISTING);
        String helper = "  helper_image:";
        assertThat(example).containsOnlyOnce(helper);
        return Files.writeString(
                directory.resolve("executor.yaml"),
                example.replace(helper, "  socket: %s%n%s".formatted(socket, helper))
                        + "policy_file: %s%nstate_dir: %s%n".formatted(policy, directory.resolve("state")));
    }

    /** In which every command prints {@code output} and succeeds. */
    private EngineStub engine(String output) throws IOException {
        List<byte[]> attached = new ArrayList<>();
        attached.add(EngineStub.bytes("HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\n\r\n"));
        if (!output.isEmpty()) {
            attached.add(EngineStub.frame(1, output));
        }
        return EngineStub.open(directory, line -> {
            if (line.endsWith("/start HTTP/1.1")) {
                return attached;
            }
            return List.of(
                    line.startsWith("GET")
                            ? json("200 OK", "{\"Running\":false,\"Pid\":7,\"ExitCode\":0}")
                            : json("201 Created", "{\"Id\":\"" + ID + "\"}"));
        });
    }

    private static byte[] json(String status, String body) {
        return EngineStub.bytes("HTTP/1.0 %s\r\nContent-Length: %d\r\n\r\n%s".formatted(status, body.length(), body));
    }
}
