package dev.gitopsexecutor.secrets;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.DSYNC;
import static java.nio.file.StandardOpenOption.WRITE;
import static java.util.Objects.requireNonNull;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Tells whether a secret has the value that it had before, without keeping the value: HMAC-SHA-256 under a key of this
 * machine's own. Without the key file nobody can try values against the hashes.
 */
public final class SecretHashKey {
    private static final String ALGORITHM = "HmacSHA256";
    private static final int BYTES = 32;

    private final SecretKeySpec key;
    private final boolean fresh;

    private SecretHashKey(byte[] key, boolean fresh) {
        this.key = new SecretKeySpec(key, ALGORITHM);
        this.fresh = fresh;
    }

    /** Where it lies in an executor's state directory. */
    public static Path in(Path stateDirectory) {
        return stateDirectory.resolve("secret-hash.key");
    }

    /** Makes the file, mode 0600, when it is not there; throws {@code STATE_UNUSABLE} when it is not as it was made. */
    public static SecretHashKey open(Path file) {
        try {
            AtomicFiles.createPrivateDirectories(
                    requireNonNull(file.toAbsolutePath().getParent()));
            boolean fresh = Files.notExists(file, NOFOLLOW_LINKS);
            if (fresh) {
                AtomicFiles.create(file, empty -> Files.write(empty, random(), WRITE, DSYNC));
            }
            requireSafe(file);
            return new SecretHashKey(Files.readAllBytes(file), fresh);
        } catch (IOException failed) {
            throw new ExecutorException(
                    new Failure(
                            FailureCode.STATE_UNUSABLE,
                            "use the key for hashes of secrets",
                            file.toString(),
                            String.valueOf(failed.getMessage()),
                            "Put a backup of the file back, with mode 0600 and the runner's user as its owner; or remove it:"
                                    + " the next deploy makes another, and the age of every secret begins again with its"
                                    + " version's."),
                    failed);
        }
    }

    /** Whether there was none before, so that no older hash can be met again. */
    public boolean isFresh() {
        return fresh;
    }

    /**
     * 64 hexadecimal digits, the same for the same value of the same field alone: equal values of two fields do not show.
     *
     * @param field where the value is in Vault
     */
    public String hash(String field, SecretValue value) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            mac.update(field.getBytes(UTF_8));
            mac.update((byte) 0);
            mac.update(value.reveal().getBytes(UTF_8));
            return HexFormat.of().formatHex(mac.doFinal());
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every Java platform has " + ALGORITHM, impossible);
        }
    }

    private static byte[] random() {
        byte[] bytes = new byte[BYTES];
        new SecureRandom().nextBytes(bytes);
        return bytes;
    }

    private static void requireSafe(Path file) throws IOException {
        PosixFileAttributes attributes = Files.readAttributes(file, PosixFileAttributes.class, NOFOLLOW_LINKS);
        String mode = PosixFilePermissions.toString(attributes.permissions());
        if (!attributes.isRegularFile()) {
            throw new IOException("it is not a regular file");
        }
        if (!mode.equals("rw-------") && !mode.equals("r--------")) {
            throw new IOException("its mode is " + mode);
        }
        if (attributes.size() != BYTES) {
            throw new IOException("it has %d bytes, a key has %d".formatted(attributes.size(), BYTES));
        }
    }
}
