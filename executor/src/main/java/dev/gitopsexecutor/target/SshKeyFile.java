package dev.gitopsexecutor.target;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.PlainText;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.util.Iterator;
import org.apache.sshd.common.NamedResource;
import org.apache.sshd.common.util.security.SecurityUtils;
import org.jspecify.annotations.Nullable;

/** Reads the one private key that a deploy logs in with, and refuses a file that others could have read or planted. */
final class SshKeyFile {
    private static final int MAX_SIZE = 64 * 1024;

    private SshKeyFile() {}

    /** Blocks on the disk; throws {@code CONFIG_UNSAFE} or {@code CONFIG_INVALID}. */
    static KeyPair read(Path file) {
        JdkEd25519Registrar.register();
        try {
            requireSafe(file);
            byte[] bytes = Files.readAllBytes(file);
            Iterable<KeyPair> keys = SecurityUtils.loadKeyPairIdentities(
                    null, NamedResource.ofName(file.toString()), new ByteArrayInputStream(bytes), null);
            Iterator<KeyPair> iterator = keys == null ? null : keys.iterator();
            if (iterator == null || !iterator.hasNext()) {
                throw invalid(file, "the file holds no private key", null);
            }
            return iterator.next();
        } catch (IOException | GeneralSecurityException | IllegalArgumentException failed) {
            throw invalid(file, PlainText.sentence(String.valueOf(failed.getMessage())), failed);
        }
    }

    private static void requireSafe(Path file) throws IOException {
        if (!Files.exists(file, NOFOLLOW_LINKS)) {
            throw invalid(file, "there is no such file", null);
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

    private static ExecutorException invalid(Path file, String saw, @Nullable Throwable cause) {
        return new ExecutorException(
                new Failure(
                        FailureCode.CONFIG_INVALID,
                        "read the SSH key",
                        file.toString(),
                        saw,
                        "Put an OpenSSH private key without a passphrase there, or correct ssh_key_file in policy.yaml."),
                cause);
    }
}
