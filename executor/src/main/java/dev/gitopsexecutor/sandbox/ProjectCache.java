package dev.gitopsexecutor.sandbox;

import dev.gitopsexecutor.io.JobLog;
import java.time.Duration;

/** The cache that a project's jobs leave each other, as the helper container of one of them has it. */
final class ProjectCache {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Execs execs;
    private final String directory;
    private final long kibibytes;

    ProjectCache(Execs execs, String directory, long bytes) {
        this.execs = execs;
        this.directory = directory;
        this.kibibytes = bytes / 1024;
    }

    /** Lets the job's user write, and starts the cache anew when it has grown too large. */
    void open(String container, JobLog log) {
        String tried = "open the project's cache";
        required(
                tried,
                container,
                execs.captureAsRoot(tried, container, ContainerScripts.openCache(directory), 1024, LIMIT));
        String emptied = required(
                tried,
                container,
                execs.capture(tried, container, ContainerScripts.limitCache(directory, kibibytes), 1024, LIMIT));
        if (!emptied.isEmpty()) {
            log.warning("The project's cache had grown to %s KiB, more than the %d KiB it may have: it starts anew."
                    .formatted(emptied, kibibytes));
        }
    }

    private static String required(String tried, String container, CommandResult result) {
        if (result.exitCode() != 0) {
            throw EngineFailures.containerLost(
                    tried,
                    container,
                    "exit code %d: %s"
                            .formatted(result.exitCode(), result.stderr().strip()));
        }
        return result.text().strip();
    }
}
