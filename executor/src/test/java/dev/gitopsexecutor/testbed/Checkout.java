package dev.gitopsexecutor.testbed;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where the project's own files are, from whichever directory of it a test or the demo was started. */
public final class Checkout {
    private Checkout() {}

    static Path root() {
        Path directory = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(directory.resolve("examples/shop"))) {
            directory = directory.getParent();
            if (directory == null) {
                throw new TestbedException(
                        "not inside a checkout: " + Path.of("").toAbsolutePath());
            }
        }
        return directory;
    }

    /** The launcher that the build packaged; it may not be there yet. */
    public static Path launcher() {
        String given = System.getProperty("launcher");
        return given != null ? Path.of(given) : root().resolve("executor/target/gitops-executor/bin/gitops-executor");
    }
}
