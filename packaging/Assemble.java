import static java.nio.file.StandardCopyOption.COPY_ATTRIBUTES;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/**
 * Puts the distribution together: bin/ (launcher), lib/ (jars, and SQLite for this machine's processor), runtime/ (the
 * running JDK, trimmed), aot/ (for each kind of start by the runner, the classes that it loads, ready to be mapped).
 *
 * <p>Usage: {@code java Assemble.java PACKAGING JAR DISTRIBUTION}; the libraries are in DISTRIBUTION/lib already.
 */
final class Assemble {
    // java.rmi: MINA SSHD needs it at connect. java.security.jgss: its authentication factories. jdk.net: Unix sockets.
    private static final String MODULES = String.join(
            ",",
            List.of(
                    "java.base",
                    "java.logging",
                    "java.management",
                    "java.naming",
                    "java.net.http",
                    "java.rmi",
                    "java.security.jgss",
                    "java.sql",
                    "java.xml",
                    "jdk.net",
                    "jdk.unsupported",
                    "jdk.zipfs"));

    private Assemble() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path packaging = Path.of(arguments[0]);
        Path jar = Path.of(arguments[1]);
        Path distribution = Path.of(arguments[2]);

        Files.copy(jar, distribution.resolve("lib/gitops-executor.jar"), REPLACE_EXISTING, COPY_ATTRIBUTES);
        Path bin = Files.createDirectories(distribution.resolve("bin"));
        Path installed = Files.copy(packaging.resolve("bin/gitops-executor"), bin.resolve("gitops-executor"), REPLACE_EXISTING);
        Files.setPosixFilePermissions(installed, PosixFilePermissions.fromString("rwxr-xr-x"));

        // The runtime depends on the JDK and the list of modules alone, so it is linked only when one of them changed.
        String stamp = System.getProperty("java.vm.version") + " " + MODULES;
        Path stampFile = distribution.resolve("runtime/linked-from");
        if (!Files.exists(stampFile) || !Files.readString(stampFile).equals(stamp)) {
            delete(distribution.resolve("runtime"));
            link(distribution.resolve("runtime"));
            Files.writeString(stampFile, stamp);
        }
        unpackNative(distribution.resolve("lib"));
        delete(distribution.resolve("aot"));
        train(packaging.resolve("training"), distribution);
    }

    /**
     * sqlite-jdbc would unpack its library to /tmp at each start, where others could get in its way, and leave it there
     * when the process is killed.
     */
    private static void unpackNative(Path lib) throws IOException {
        String processor =
                switch (System.getProperty("os.arch")) {
                    case "amd64" -> "x86_64";
                    case "aarch64" -> "aarch64";
                    case String other -> throw new IOException("no SQLite library is known for " + other);
                };
        String library = System.mapLibraryName("sqlitejdbc");
        try (Stream<Path> files = Files.list(lib)) {
            Path jar = files.filter(file -> file.getFileName().toString().startsWith("sqlite-jdbc-"))
                    .findFirst()
                    .orElseThrow();
            try (FileSystem content = FileSystems.newFileSystem(jar)) {
                Path packed = content.getPath("org/sqlite/native/Linux", processor, library);
                Files.copy(packed, lib.resolve(library), REPLACE_EXISTING);
            }
        }
    }

    /** In a process of its own, since it needs the libraries. */
    private static void train(Path training, Path distribution) throws IOException, InterruptedException {
        Files.createDirectory(distribution.resolve("aot"));
        Path directory = Files.createTempDirectory("gitops-executor-training").toRealPath();
        try {
            int exit = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin/java").toString(),
                            "--class-path=" + distribution.resolve("lib/*"),
                            training.resolve("Training.java").toString(),
                            training.toString(),
                            distribution.toString(),
                            directory.toString())
                    .inheritIO()
                    .start()
                    .waitFor();
            if (exit != 0) {
                throw new IOException("the training run failed");
            }
        } finally {
            delete(directory);
        }
    }

    private static void link(Path runtime) throws IOException {
        int exit = ToolProvider.findFirst("jlink")
                .orElseThrow()
                .run(
                        System.out,
                        System.err,
                        "--add-modules",
                        MODULES,
                        "--strip-java-debug-attributes",
                        "--no-header-files",
                        "--no-man-pages",
                        "--compress=zip-6",
                        "--generate-cds-archive",
                        "--output",
                        runtime.toString());
        if (exit != 0) {
            throw new IOException("jlink ended with " + exit);
        }
        // The archive for heaps without compressed pointers: 14 MB that no command of ours uses.
        Files.deleteIfExists(runtime.resolve("lib/server/classes_nocoops.jsa"));
    }

    private static void delete(Path tree) throws IOException {
        if (!Files.exists(tree)) {
            return;
        }
        try (Stream<Path> paths = Files.walk(tree)) {
            paths.sorted(Comparator.reverseOrder()).forEach(path -> {
                try {
                    Files.delete(path);
                } catch (IOException failed) {
                    throw new UncheckedIOException(failed);
                }
            });
        }
    }
}
