package dev.gitopsexecutor.identity;

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

/** The executor's own token for GitLab, in a file that nobody else may read. */
final class AccessToken {
    private static final Pattern TOKEN = Pattern.compile("[\\x21-\\x7e]{8,4096}");
    private static final int MAX_BYTES = 8 * 1024;

    private AccessToken() {}

    static String read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
            if (!mode.endsWith("------")) {
                throw refused(file, "its mode is %s: others than its owner may use it".formatted(mode), null);
            }
            String token = new String(in.readNBytes(MAX_BYTES), UTF_8).strip();
            if (!TOKEN.matcher(token).matches()) {
                throw refused(file, "it does not hold one token", null);
            }
            return token;
        } catch (IOException unreadable) {
            throw refused(
                    file,
                    unreadable instanceof NoSuchFileException ? "there is no such file" : unreadable.toString(),
                    unreadable);
        }
    }

    private static ExecutorException refused(Path file, String saw, @Nullable IOException cause) {
        return new ExecutorException(
                new Failure(
                        FailureCode.CONFIG_UNSAFE,
                        "read the executor's token for GitLab",
                        file.toString(),
                        saw,
                        "Write the token into the file as its only line, mode 0600, owned by the user that the runner runs as."),
                cause);
    }
}
