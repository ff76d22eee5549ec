import static java.nio.file.StandardCopyOption.COPY_ATTRIBUTES;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/**
 * Puts the distribution together: bin/ (launcher), lib/ (jars), runtime/ (the running JDK, trimmed).
 *
 * <p>Usage: {@code java Assemble.java LAUNCHER JAR DISTRIBUTION}; the libraries are in DISTRIBUTION/lib already.
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

    public static void main(String[] arguments) throws IOException {
        Path launcher = Path.of(arguments[0]);
        Path jar = Path.of(arguments[1]);
        Path distribution = Path.of(arguments[2]);

        Files.copy(jar, distribution.resolve("lib/gitops-executor.jar"), REPLACE_EXISTING, COPY_ATTRIBUTES);
        Path bin = Files.createDirectories(distribution.resolve("bin"));
        Path installed = Files.copy(launcher, bin.resolve("gitops-executor"), REPLACE_EXISTING);
        Files.setPosixFilePermissions(installed, PosixFilePermissions.fromString("rwxr-xr-x"));

        // The runtime depends on the JDK and the list of modules alone, so it is linked only when one of them changed.
        String stamp = System.getProperty("java.vm.version") + " " + MODULES;
        Path stampFile = distribution.resolve("runtime/linked-from");
        if (!Files.exists(stampFile) || !Files.readString(stampFile).equals(stamp)) {
            delete(distribution.resolve("runtime"));
            link(distribution.resolve("runtime"));
            Files.writeString(stampFile, stamp);
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
