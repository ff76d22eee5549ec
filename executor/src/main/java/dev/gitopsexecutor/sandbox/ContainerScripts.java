package dev.gitopsexecutor.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gitopsexecutor.model.Role;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;

/** The constant shell texts that run inside the containers: POSIX sh, no program but the shell and {@code sleep}. */
final class ContainerScripts {
    /**
     * Runs the script that comes on stdin and then ends whatever it left behind: a process in the background would
     * keep the output open. On TERM it waits for the script's own way to end.
     */
    static final List<String> RUN = shell("""
            stopped=
            trap stopped=1 TERM
            if command -v bash >/dev/null 2>&1; then bash; else sh; fi
            code=$?
            [ -n "$stopped" ] || kill -KILL -1 2>/dev/null
            exit "$code"
            """);

    static final List<String> NOTHING = shell("exit 0");

    /** Prints who listens to and is connected with whom. */
    static final List<String> TCP_TABLES = shell("""
            for table in /proc/net/tcp /proc/net/tcp6; do
              [ ! -r "$table" ] || while read -r line; do echo "$line"; done < "$table"
            done
            """);

    /** The exit code of a probe that misses something and says on stderr what. */
    static final int LACKING = 3;

    private static final String FIND_SHELL = """
            if command -v bash >/dev/null 2>&1; then echo bash; exit 0; fi
            if [ $'\\x41' = A ]; then echo sh; exit 0; fi
            echo "bash, or a sh that knows \\$'...'" >&2
            exit 3
            """;

    private static final String FIND_TOOLS = """
            for tool in git gitlab-runner; do
              command -v "$tool" >/dev/null 2>&1 || { echo "$tool" >&2; exit 3; }
            done
            version=$(gitlab-runner --version 2>/dev/null </dev/null) || { echo "a gitlab-runner that starts" >&2; exit 3; }
            set -f; set -- ${version#*Version:}
            printf 'gitlab-runner %.60s\\n' "$1"
            """;

    private ContainerScripts() {}

    /** PID 1's only child: ends, and the container with it, when the time is over; the job's user cannot signal it. */
    static List<String> keeper(long seconds) {
        return List.of("sh", "-c", "trap '' TERM; exec sleep \"$0\"", Long.toString(seconds));
    }

    /**
     * Prints the shell that scripts will get, or ends with {@link #LACKING}. In the helper it prints first
     * {@code gitlab-runner} and its version.
     */
    static List<String> probe(Role role) {
        return switch (role) {
            case HELPER -> shell(FIND_TOOLS + FIND_SHELL);
            case JOB -> shell(FIND_SHELL);
        };
    }

    /**
     * Signals every process of the job's user but the one that does it: PID 1 and the keeper belong to another user,
     * so the container survives.
     */
    static List<String> signal(String name) {
        return shell("kill -" + name + " -1");
    }

    /** Prints what a script may do, in sections. */
    static List<String> look() {
        return List.of("sh", "-c", resource("probe.sh"), "probe", Confinement.HOME);
    }

    static String resource(String name) {
        try (InputStream in = ContainerScripts.class.getResourceAsStream(name)) {
            return new String(Objects.requireNonNull(in).readAllBytes(), UTF_8);
        } catch (IOException damaged) {
            throw new UncheckedIOException(damaged);
        }
    }

    /** For root, who owns a new volume: the script's user shall write there, and nobody else remove what it wrote. */
    static List<String> openCache(String directory) {
        return List.of("chmod", "1777", directory);
    }

    private static List<String> shell(String script) {
        return List.of("sh", "-c", script);
    }
}
