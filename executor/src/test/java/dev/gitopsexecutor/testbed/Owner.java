package dev.gitopsexecutor.testbed;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * The process that a part of a testbed belongs to; written on everything that outlives it when it is killed.
 *
 * @param started tells it from a later process with the same number
 */
record Owner(long pid, long started) {
    /** The label on containers and networks. */
    static final String LABEL = "dev.gitopsexecutor.testbed.owner";

    static Owner self() {
        return of(ProcessHandle.current());
    }

    static Owner of(ProcessHandle process) {
        return new Owner(process.pid(), startOf(process));
    }

    /** Empty when the text is not an owner's. */
    static Optional<Owner> parse(String text) {
        String[] parts = text.strip().split("-", -1);
        try {
            return parts.length == 2
                    ? Optional.of(new Owner(Long.parseLong(parts[0]), Long.parseLong(parts[1])))
                    : Optional.empty();
        } catch (NumberFormatException notAnOwner) {
            return Optional.empty();
        }
    }

    Map<String, String> label() {
        return Map.of(LABEL, toString());
    }

    Optional<ProcessHandle> process() {
        return ProcessHandle.of(pid).filter(process -> startOf(process) == started);
    }

    @Override
    public String toString() {
        return pid + "-" + started;
    }

    private static long startOf(ProcessHandle process) {
        return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    }
}
