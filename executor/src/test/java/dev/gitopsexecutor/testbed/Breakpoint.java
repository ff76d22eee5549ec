package dev.gitopsexecutor.testbed;

import java.time.Duration;
import org.awaitility.Awaitility;

/**
 * Holds one command on a host, before or after it runs, until it is let go: so a fault happens exactly there. One at a
 * time for each host, and the host's programs are as they were once it is closed.
 */
public final class Breakpoint implements AutoCloseable {
    private static final String PLACE = "/run/breakpoint";

    /** Shadows a program. Whoever holds leaves its process id behind. */
    private static String shadow(String program, String pattern) {
        return """
            #!/bin/sh
            place=%s program=%s
            # A reboot has taken it away.
            [ -d "$place" ] || exec "$program" "$@"
            skip=$(cat "$place/skip") held=
            case "${0##*/} $*" in
            %s)
              number=0
              until mkdir "$place/seen.$number" 2>/dev/null; do number=$((number + 1)); done
              [ "$number" != "$skip" ] || held=yes
              ;;
            esac
            hold() {
              echo "$$" >"$place/held.new" && mv "$place/held.new" "$place/held"
              while [ ! -e "$place/go" ]; do sleep 0.02; done
            }
            if [ -z "$held" ]; then exec "$program" "$@"; fi
            if [ -e "$place/after" ]; then
              status=0
              "$program" "$@" || status=$?
              hold
              exit "$status"
            fi
            hold
            exec "$program" "$@"
            """.formatted(PLACE, program, pattern.replace(" ", "\\ "));
    }

    private final TargetHost host;
    private final String program;

    private Breakpoint(TargetHost host, String program) {
        this.host = host;
        this.program = program;
    }

    /**
     * Which command to hold.
     *
     * @param program a program of the host, without its directory
     * @param pattern of the shell's {@code case}, with the name and the arguments: {@code docker pull*}
     * @param skip as many such commands run unhindered before
     * @param after whether it is held when it has done its work
     */
    public record Where(String program, String pattern, int skip, boolean after) {}

    public static Breakpoint set(TargetHost host, Where where) {
        String real = host.run("sh", "-c", "command -v \"$0\"", where.program()).strip();
        host.run(
                "sh",
                "-c",
                """
                install -d -m 0777 %1$s && printf %%s "$1" >%1$s/skip && { [ -z "$2" ] || : >%1$s/after; } &&
                  printf %%s "$3" >%1$s/shadow && chmod 0755 %1$s/shadow && mv %1$s/shadow "/usr/local/bin/$0"
                """.formatted(PLACE),
                where.program(),
                Integer.toString(where.skip()),
                where.after() ? "after" : "",
                shadow(real, where.pattern()));
        return new Breakpoint(host, where.program());
    }

    /** Blocks until the command is held. */
    public void await() {
        Awaitility.await("a command that is held on " + host.name())
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> !host.run("sh", "-c", "cat %s/held 2>/dev/null || :".formatted(PLACE))
                        .isEmpty());
    }

    /** Ends the SSH connection that the held command belongs to, without a word to either side. */
    public void cutConnection() {
        host.run("sh", "-c", """
                pid=$(cat %s/held)
                # sshd, or sshd-session as later versions call it.
                until grep -q ^sshd "/proc/$pid/comm"; do pid=$(cut -d' ' -f4 "/proc/$pid/stat"); done
                kill -KILL "$pid"
                """.formatted(PLACE));
    }

    public void letGo() {
        host.run("touch", PLACE + "/go");
    }

    @Override
    public void close() {
        letGo();
        host.run("rm", "-f", "/usr/local/bin/" + program);
        host.run("rm", "-rf", PLACE);
    }
}
