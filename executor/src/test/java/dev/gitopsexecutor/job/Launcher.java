package dev.gitopsexecutor.job;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The packaged program, started as an operator does. */
final class Launcher {
    private Launcher() {}

    /** Returns stdout and stderr together; fails when it does not end with 0. */
    static String run(String... arguments) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of(System.getProperty("launcher", "launcher is not set")));
        words.addAll(List.of(arguments));
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        if (process.waitFor() != 0) {
            throw new AssertionError("%s ended with %d:%n%s".formatted(words, process.exitValue(), output));
        }
        return output;
    }
}
