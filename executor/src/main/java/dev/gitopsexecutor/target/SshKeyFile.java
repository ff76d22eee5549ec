package dev.gitopsexecutor.target;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.PlainText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;

/** Reads a private key's file, and refuses one that others could have read or planted. */
final class SshKeyFile {
    private static final int MAX_SIZE = 64 * 1024;
    private static final String CORRECT = "Put the key there, or correct ssh_key_file in policy.yaml.";

    private SshKeyFile() {}

    /** Blocks on the disk; throws {@code CONFIG_UNSAFE} or {@code CONFIG_INVALID}. */
    static byte[] read(Path file) {
        try {
            requireSafe(file);
            return Files.readAllBytes(file);
        } catch (IOException failed) {
            throw invalid(file, PlainText.sentence(failed.toString()), CORRECT);
        }
    }

    private static void requireSafe(Path file) throws IOException {
        if (!Files.exists(file, NOFOLLOW_LINKS)) {
            throw invalid(file, "there is no such file", CORRECT);
        }
        PosixFileAttributes attributes = Files.readAttributes(file, PosixFileAttributes.class, NOFOLLOW_LINKS);
        String mode = PosixFilePermissions.toString(attributes.permissions());
        String owner = attributes.owner().getName();
        if (!attributes.isRegularFile()) {
            throw unsafe(file, "it is not a regular file");
        }
        if (attributes.size() > MAX_SIZE) {
            throw unsafe(file, "it has %d bytes, a key has at most %d".formatted(attributes.size(), MAX_SIZE));
        }
        if (!mode.equals("rw-------") && !mode.equals("r--------")) {
            throw unsafe(file, "its mode is " + mode);
        }
        if (!owner.equals("root") && !attributes.owner().equals(currentUser())) {
            throw unsafe(file, "its owner is \"%s\"".formatted(owner));
        }
    }

    private static Object currentUser() throws IOException {
        Path self = Path.of("/proc/self");
        return Files.getOwner(self);
    }

    private static ExecutorException unsafe(Path file, String saw) {
        return new ExecutorException(new Failure(
                FailureCode.CONFIG_UNSAFE,
                "use the SSH key",
                file.toString(),
                saw,
                "Make it a regular file of root or of the executor's user, with mode 0600."));
    }

    static ExecutorException invalid(Path file, String saw, String next) {
        return new ExecutorException(
                new Failure(FailureCode.CONFIG_INVALID, "read the SSH key", file.toString(), saw, next));
    }
}
