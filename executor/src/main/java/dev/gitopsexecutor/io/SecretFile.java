package dev.gitopsexecutor.io;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A secret of the executor's own, in a file that nobody else may read. */
public final class SecretFile {
    private static final Pattern WORD = Pattern.compile("[\\x21-\\x7e]{8,4096}");
    private static final int MAX_BYTES = 8 * 1024;

    private SecretFile() {}

    /**
     * The one word in {@code file}; throws {@code CONFIG_UNSAFE}.
     *
     * @param what continues "read the executor's"
     */
    public static String read(Path file, String what) {
        try (InputStream in = Files.newInputStream(file)) {
            String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
            if (!mode.endsWith("------")) {
                throw refused(what, file, "its mode is %s: others than its owner may use it".formatted(mode), null);
            }
            String word = new String(in.readNBytes(MAX_BYTES), UTF_8).strip();
            if (!WORD.matcher(word).matches()) {
                throw refused(what, file, "it does not hold one word", null);
            }
            return word;
        } catch (IOException unreadable) {
            throw refused(
                    what,
                    file,
                    unreadable instanceof NoSuchFileException ? "there is no such file" : unreadable.toString(),
                    unreadable);
        }
    }

    private static ExecutorException refused(String what, Path file, String saw, @Nullable IOException cause) {
        return new ExecutorException(
                new Failure(
                        FailureCode.CONFIG_UNSAFE,
                        "read the executor's " + what,
                        file.toString(),
                        saw,
                        "Write it into the file as its only line, mode 0600, owned by the user that the runner runs as."),
                cause);
    }
}
