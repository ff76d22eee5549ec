package dev.gitopsexecutor.sandbox;

import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The TCP ports on which somebody listens in a container's network.
 *
 * @see <a href="https://docs.kernel.org/networking/proc_net_tcp.html">the kernel's table</a>
 */
final class ListeningSockets {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final int MAX_TABLE = 1024 * 1024;
    private static final String LISTENING = "0A";

    private final Set<String> locals;

    private ListeningSockets(Set<String> locals) {
        this.locals = locals;
    }

    static ListeningSockets of(Execs execs, String container) {
        CommandResult tables = execs.capture(
                "see who listens in the container", container, ContainerScripts.TCP_TABLES, MAX_TABLE, LIMIT);
        return parse(tables.text());
    }

    static ListeningSockets parse(String tables) {
        return new ListeningSockets(tables.lines()
                .map(line -> line.strip().split("\\s+", 5))
                .filter(fields -> fields.length == 5 && fields[3].equals(LISTENING))
                .map(fields -> fields[1])
                .collect(Collectors.toUnmodifiableSet()));
    }

    /** At whatever address. */
    boolean has(int port) {
        return locals.stream().anyMatch(local -> local.endsWith(":%04X".formatted(port)));
    }

    /** At that IPv4 address; the kernel writes it in the order of this machine's bytes, which is little-endian. */
    boolean has(String address, int port) {
        String[] bytes = address.split("\\.", -1);
        StringBuilder hex = new StringBuilder();
        for (int index = bytes.length - 1; index >= 0; index--) {
            hex.append("%02X".formatted(Integer.parseInt(bytes[index])));
        }
        return locals.contains("%s:%04X".formatted(hex, port));
    }
}
