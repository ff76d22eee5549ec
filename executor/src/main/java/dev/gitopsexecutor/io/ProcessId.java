package dev.gitopsexecutor.io;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * One process of this machine, told from a later one with the same number.
 *
 * @param started in ticks since the machine booted (proc(5), field 22 of {@code stat}); 0 where that is not known
 */
public record ProcessId(long pid, long started) {
    private static final long FIRST = 1;
    private static final long UNKNOWN = 0;
    private static final long ENDED = -1;
    private static final int STARTED = 22;
    /** The second field is the program's name in brackets, and may hold blanks and brackets. */
    private static final int FIELDS_BEFORE_STATE = 2;

    public static ProcessId self() {
        long pid = ProcessHandle.current().pid();
        return new ProcessId(pid, started(pid));
    }

    /** Whether it still runs; of one about which too little can be seen here, yes. One of another PID namespace does not. */
    public boolean isAlive() {
        boolean seesOthers = started(FIRST) > UNKNOWN;
        long now = started(pid);
        return started == UNKNOWN || now == UNKNOWN || !seesOthers || now == started;
    }

    /** Not of one that ended and only waits for its parent to ask how. */
    private static long started(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"), ISO_8859_1);
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            boolean ended = fields[0].equals("Z") || fields[0].equals("X");
            return ended ? ENDED : Long.parseLong(fields[STARTED - FIELDS_BEFORE_STATE - 1]);
        } catch (NoSuchFileException gone) {
            return ENDED;
        } catch (IOException | RuntimeException unknown) {
            return UNKNOWN;
        }
    }
}
