package dev.gitopsexecutor.testbed;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A program of this machine, run to its end. */
record Command(Path directory, Map<String, String> environment, List<String> words) {
    Command {
        environment = Map.copyOf(environment);
        words = List.copyOf(words);
    }

    static Command in(Path directory, String... words) {
        return new Command(directory, Map.of(), List.of(words));
    }

    Command with(Map<String, String> more) {
        return new Command(directory, more, words);
    }

    /**
     * Blocks until it ends.
     *
     * @return stdout without the last newline
     * @throws TestbedException with its output when the exit code is not 0
     */
    String run() {
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(words).directory(directory.toFile()).redirectErrorStream(true);
            builder.environment().putAll(environment);
            Process process = builder.start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int code = process.waitFor();
            if (code != 0) {
                throw new TestbedException("%s ended with %d: %s".formatted(words, code, output));
            }
            return output.stripTrailing();
        } catch (IOException failure) {
            throw new TestbedException(words + " could not be run", failure);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new TestbedException(words + " was interrupted", stop);
        }
    }
}
