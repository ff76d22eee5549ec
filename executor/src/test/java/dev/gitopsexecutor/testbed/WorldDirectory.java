package dev.gitopsexecutor.testbed;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The files of one testbed, with the name of its owner and of every process that it started. */
record WorldDirectory(Path path) {
    private static final String OWNER = "owner";
    private static final String PROCESSES = "processes";
    private static final String JOBS = "jobs";

    static Path parent() {
        return Path.of(System.getProperty("java.io.tmpdir"), "gitops-executor-testbed");
    }

    static WorldDirectory create(Owner owner) throws IOException {
        Files.createDirectories(parent());
        Path path = Files.createTempDirectory(
                parent(), "world", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.writeString(path.resolve(OWNER), owner.toString());
        return new WorldDirectory(path);
    }

    static List<WorldDirectory> all() throws IOException {
        if (!Files.isDirectory(parent())) {
            return List.of();
        }
        try (Stream<Path> children = Files.list(parent())) {
            return children.map(WorldDirectory::new).toList();
        }
    }

    /** Empty while it is being made. */
    Optional<Owner> owner() throws IOException {
        Path file = path.resolve(OWNER);
        return Files.exists(file) ? Owner.parse(Files.readString(file)) : Optional.empty();
    }

    /** Must be called before anything depends on the process, so that a killed owner leaves its name. */
    void remember(Process process) throws IOException {
        append(PROCESSES, Owner.of(process.toHandle()).toString());
    }

    /** Must be called before the job runs, so that what it leaves in the engine can be told from others' jobs. */
    void remember(long jobId) throws IOException {
        append(JOBS, Long.toString(jobId));
    }

    private void append(String file, String line) throws IOException {
        Files.writeString(path.resolve(file), line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private List<String> lines(String file) throws IOException {
        return Files.exists(path.resolve(file)) ? Files.readAllLines(path.resolve(file)) : List.of();
    }

    /** The ids of all jobs so far. */
    List<String> jobs() throws IOException {
        return lines(JOBS);
    }

    /** Kills what is left of the remembered processes, with their process groups. */
    void kill() throws IOException {
        lines(PROCESSES).stream()
                .flatMap(line -> Owner.parse(line).stream())
                .flatMap(owner -> owner.process().stream())
                .forEach(process -> {
                    StageProcess.signal("KILL", process.pid());
                    process.destroyForcibly();
                });
    }

    /** Kills its processes and deletes its files. */
    void remove() throws IOException {
        kill();
        try (Stream<Path> files = Files.walk(path)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    /** A new directory of this world. */
    Path directory(String name) throws IOException {
        return Files.createDirectories(path.resolve(name));
    }
}
