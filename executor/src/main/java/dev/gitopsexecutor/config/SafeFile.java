package dev.gitopsexecutor.config;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** Reads a file that decides over others only when nobody but root or this process's user could have written it. */
final class SafeFile {
    private static final int OTHERS_WRITE = 0022;
    private static final int FILE_TYPE = 0170000;
    private static final int REGULAR = 0100000;
    private static final int ROOT = 0;

    private SafeFile() {}

    /** One byte more than {@link Yaml#MAX_BYTES} at most. */
    static byte[] read(Path file) {
        try {
            Path absolute = file.toAbsolutePath();
            Optional<String> danger = danger(absolute, NOFOLLOW_LINKS);
            if (danger.isEmpty() && absolute.getParent() != null) {
                danger = danger(absolute.getParent());
            }
            if (danger.isPresent()) {
                throw new ExecutorException(new Failure(
                        FailureCode.CONFIG_UNSAFE,
                        "trust the configuration",
                        absolute.toString(),
                        danger.get(),
                        "Make file and directory root's own, writable for nobody else: chown root, chmod go-w."));
            }
            try (var content = Files.newInputStream(absolute, NOFOLLOW_LINKS)) {
                return content.readNBytes(Yaml.MAX_BYTES + 1);
            }
        } catch (IOException failed) {
            throw new ExecutorException(
                    new Failure(
                            FailureCode.CONFIG_INVALID,
                            "read the configuration",
                            file.toString(),
                            failed instanceof NoSuchFileException ? "there is no such file" : failed.toString(),
                            "Write the file from the example that the package brings, or name another one."),
                    failed);
        }
    }

    private static Optional<String> danger(Path path, LinkOption... options) throws IOException {
        int owner = (Integer) Files.getAttribute(path, "unix:uid", options);
        int mode = (Integer) Files.getAttribute(path, "unix:mode", options);
        if (options.length > 0 && (mode & FILE_TYPE) != REGULAR) {
            return Optional.of("%s is not a regular file".formatted(path));
        }
        if (owner != ROOT && owner != ownUser()) {
            return Optional.of(
                    "%s belongs to user %d, neither root nor the user of this process".formatted(path, owner));
        }
        if ((mode & OTHERS_WRITE) != 0) {
            return Optional.of("%s has mode %04o: others than its owner may write it".formatted(path, mode & 07777));
        }
        return Optional.empty();
    }

    /** The process's own directory belongs to the user it runs as. */
    private static int ownUser() throws IOException {
        return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    }
}
