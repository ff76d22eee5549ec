package dev.gitopsexecutor.job;

import dev.gitopsexecutor.io.Cancellation;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

/**
 * What one start of the program is given; a stage is a function of it.
 *
 * @param arguments after the name of the command
 * @param environment of the process; job variables in it ({@code CUSTOM_ENV_*}) are read by nobody
 */
public record Invocation(
        List<String> arguments,
        Map<String, String> environment,
        PrintStream out,
        PrintStream err,
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
        return arguments.stream()
                .limit(1)
                .filter(text -> text.startsWith(CONFIG_OPTION))
                .map(text -> Path.of(text.substring(CONFIG_OPTION.length())))
                .findFirst()
                .orElse(DEFAULT_CONFIG);
    }

    /** The arguments without {@code --config=FILE}. */
    List<String> operands() {
        boolean hasOption = !arguments.isEmpty() && arguments.getFirst().startsWith(CONFIG_OPTION);
        return hasOption ? arguments.subList(1, arguments.size()) : arguments;
    }
}
