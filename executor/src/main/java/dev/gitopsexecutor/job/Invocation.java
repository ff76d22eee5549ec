package dev.gitopsexecutor.job;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.failure.Shown;
import dev.gitopsexecutor.io.Cancellation;
import java.io.OutputStream;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

/**
 * What one start of the program is given; a stage is a function of it.
 *
 * @param arguments after the name of the command
 * @param environment of the process; job variables in it ({@code CUSTOM_ENV_*}) are read by nobody
 * @param out fails when nobody reads it any more, as a {@link java.io.PrintStream} would not
 */
public record Invocation(
        List<String> arguments,
        Map<String, String> environment,
        OutputStream out,
        OutputStream err,
        InstantSource clock,
        Cancellation cancellation) {
    private static final String CONFIG_OPTION = "--config=";
    private static final Path DEFAULT_CONFIG = Path.of("/etc/gitops-executor/executor.yaml");

    public Invocation {
        arguments = List.copyOf(arguments);
        environment = Map.copyOf(environment);
    }

    /** The file that {@code --config=FILE} names, as the first argument of a stage. */
    Path configFile() {
        if (!hasConfigOption()) {
            return DEFAULT_CONFIG;
        }
        String name = arguments.getFirst().substring(CONFIG_OPTION.length());
        try {
            return Path.of(name);
        } catch (InvalidPathException refused) {
            throw new ExecutorException(
                    new Failure(
                            FailureCode.USAGE,
                            "find the configuration",
                            CONFIG_OPTION + Shown.plain(name),
                            "in this locale no file can have that name",
                            "Name the file in ASCII, or start the runner in a UTF-8 locale."),
                    refused);
        }
    }

    /** The arguments without {@code --config=FILE}. */
    List<String> operands() {
        return hasConfigOption() ? arguments.subList(1, arguments.size()) : arguments;
    }

    private boolean hasConfigOption() {
        return !arguments.isEmpty() && arguments.getFirst().startsWith(CONFIG_OPTION);
    }
}
