package dev.gitopsexecutor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.sandbox.EngineStub;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The packaged launcher: its start-up caches, and how it ends. */
@Timeout(60)
class LauncherIT {
    private static final String OURS = "Cannot read the configuration. [CONFIG_INVALID]";
    private static final String REFUSED = "(?s).*(No start-up cache fits|Unable to use AOT cache).*";
    private static final Map<String, String> REQUIRED = Map.of("GITOPS_EXECUTOR_AOT_REQUIRED", "1");

    private final Path built =
            Path.of(System.getProperty("launcher")).resolveSibling("..").normalize();

    @TempDir
    private Path copy;

    private record Result(int exit, String out, String err) {}

    /** The same tree in another place, where tests may replace files. */
    @BeforeEach
    void copyDistribution() throws IOException {
        Files.createSymbolicLink(copy.resolve("runtime"), built.resolve("runtime"));
        for (String directory : new String[] {"bin", "lib", "aot"}) {
            Files.createDirectory(copy.resolve(directory));
            try (Stream<Path> files = Files.list(built.resolve(directory))) {
                for (Path file : files.toList()) {
                    Path copied = copy.resolve(directory).resolve(file.getFileName());
                    if (directory.equals("bin")) {
                        Files.copy(file, copied);
                    } else {
                        Files.createLink(copied, file);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"config", "prepare", "run", "run script build_script", "cleanup"})
    void entryPointUsesTheCacheOfItsBuild(String entryPoint) throws Exception {
        Result result = start(built, entryPoint, REQUIRED);

        assertThat(result.err() + result.out()).contains(OURS);
    }

    @Test
    void aMovedDistributionUsesItToo() throws Exception {
        assertThat(start(copy, "config", REQUIRED).err()).contains(OURS);
    }

    @Test
    void programThatWasBuiltAfterItsCacheIsNoticed() throws Exception {
        Path jar = copy.resolve("lib/gitops-executor.jar");
        Files.delete(jar);
        Files.copy(built.resolve("lib/gitops-executor.jar"), jar);
        FileTime cached = Files.getLastModifiedTime(copy.resolve("aot/config.aot"));
        Files.setLastModifiedTime(jar, FileTime.from(cached.toInstant().plusSeconds(1)));

        assertNoticedAndHarmless();
    }

    @Test
    void missingCacheIsNoticed() throws Exception {
        Files.delete(copy.resolve("aot/config.aot"));

        assertNoticedAndHarmless();
    }

    @Test
    void foreignCacheIsNoticed() throws Exception {
        Path cache = copy.resolve("aot/config.aot");
        Files.delete(cache);
        Files.writeString(cache, "not a cache\n");

        assertNoticedAndHarmless();
    }

    /** It prints its reason on stdout and ends with 1 by itself: for the runner a broken answer, and the job's fault. */
    @ParameterizedTest
    @ValueSource(strings = {"config", "prepare", "run script build_script", "cleanup"})
    void aVirtualMachineThatCannotStartIsNotTheJobsFault(String entryPoint) throws Exception {
        Path launcher = Files.writeString(copy.resolve("starved"), """
                #!/bin/sh
                ulimit -v 300000
                exec '%s' "$@"
                """.formatted(built.resolve("bin/gitops-executor")));
        Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwx------"));

        Result result = startLauncher(launcher, entryPoint, Map.of());

        assertThat(result.err()).contains("Error occurred during initialization of VM");
        assertThat(result.out()).as("stdout is the runner's").isEmpty();
        assertThat(result.exit()).isEqualTo(2);
    }

    /** The program may have come to its end just when it was told to end. */
    @ParameterizedTest
    @ValueSource(strings = {"config", "prepare", "run", "cleanup"})
    void endsWithoutSuccessAfterASignalThatOnlyItGot(String entryPoint) throws Exception {
        Process process = startWithProgram(entryPoint, """
                trap 'echo told; exit 0' TERM
                echo started
                while :; do sleep 0.05; done
                """);
        BufferedReader out = process.inputReader();
        assertThat(out.readLine()).isEqualTo("started");

        process.toHandle().destroy();

        assertThat(process.waitFor()).isEqualTo(2);
        assertThat(out.readLine()).isEqualTo("told");
    }

    @ParameterizedTest
    @CsvSource({"exit 0, 0", "exit 1, 2", "exit 2, 2", "exit 97, 1", "exit 3, 2", "kill -KILL $$, 2", "kill -TERM $$, 2"
    })
    void onlyTheProgramItselfCanBlameTheJob(String end, int code) throws Exception {
        assertThat(startWithProgram("run", end).waitFor()).isEqualTo(code);
    }

    @ParameterizedTest
    @CsvSource({"TERM, 143", "INT, 130"})
    void commandOfAPersonEndsAtOnceOnASignal(String signal, int code) throws Exception {
        try (EngineStub engine = EngineStub.open(copy, _ -> List.of())) {
            Path config = copy.resolve("executor.yaml");
            Files.writeString(
                    config,
                    Files.readString(Path.of("../packaging/etc/executor.yaml"))
                            .replaceFirst("\n *# socket: .*", "\n  socket: " + engine.socket()));
            // What was started in a shell's background, as these tests may be, ignores Ctrl-C, and so does its
            // offspring.
            Process process = new ProcessBuilder(
                            "env",
                            "--default-signal=INT",
                            built.resolve("bin/gitops-executor").toString(),
                            "reap",
                            "--config=" + config)
                    .start();
            Awaitility.await().until(() -> !engine.requests().isEmpty());

            new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                    .start()
                    .waitFor();

            assertThat(process.waitFor()).isEqualTo(code);
        }
    }

    /** The launcher, where it starts that shell script in the place of its Java runtime. */
    private Process startWithProgram(String entryPoint, String script) throws IOException {
        Files.delete(copy.resolve("runtime"));
        Path java = copy.resolve("runtime/bin/java");
        Files.createDirectories(java.getParent());
        Files.writeString(java, "#!/bin/sh\n" + script);
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwx------"));
        return new ProcessBuilder(copy.resolve("bin/gitops-executor").toString(), entryPoint)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private void assertNoticedAndHarmless() throws Exception {
        Result refused = start(copy, "config", REQUIRED);
        assertThat(refused.err() + refused.out()).matches(REFUSED).doesNotContain(OURS);

        Result result = start(copy, "config", Map.of());
        assertThat(result.err()).contains(OURS);
        assertThat(result.out()).as("stdout is the runner's").isEmpty();
        assertThat(result.exit()).isEqualTo(2);
    }

    /** With a configuration that is not there, which every entry point reads first. */
    private Result start(Path distribution, String entryPoint, Map<String, String> environment)
            throws IOException, InterruptedException {
        return startLauncher(distribution.resolve("bin/gitops-executor"), entryPoint, environment);
    }

    private Result startLauncher(Path launcher, String entryPoint, Map<String, String> environment)
            throws IOException, InterruptedException {
        Path out = copy.resolve("out");
        Path err = copy.resolve("err");
        List<String> words = new ArrayList<>(List.of(entryPoint.split(" ", -1)));
        words.add(1, "--config=" + copy.resolve("none.yaml"));
        words.addFirst(launcher.toString());
        ProcessBuilder builder =
                new ProcessBuilder(words).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().putAll(environment);
        int exit = builder.start().waitFor();
        return new Result(exit, Files.readString(out, UTF_8), Files.readString(err, UTF_8));
    }
}
