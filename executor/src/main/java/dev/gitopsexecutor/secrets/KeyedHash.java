package dev.gitopsexecutor.secrets;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.AtomicFiles;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Compares secrets without showing them: HMAC-SHA-256 under a key that never leaves this machine. */
public final class KeyedHash {
    private static final String ALGORITHM = "HmacSHA256";
    private static final int KEY_BYTES = 32;
    private static final int SHOWN_DIGITS = 8;

    private final SecretKeySpec key;

    /** {@code key} has 32 bytes. */
    public KeyedHash(byte[] key) {
        if (key.length != KEY_BYTES) {
            throw new IllegalArgumentException("the key has %d bytes, not %d".formatted(key.length, KEY_BYTES));
        }
        this.key = new SecretKeySpec(key, ALGORITHM);
    }

    /** With the key in {@code file}, which is made, mode 0600, when it is not there. */
    public static KeyedHash withKeyIn(Path file) {
        try {
            if (!Files.exists(file)) {
                create(file);
            }
            return new KeyedHash(Files.readAllBytes(file));
        } catch (IOException | IllegalArgumentException failed) {
            throw new ExecutorException(
                    new Failure(
                            FailureCode.STATE_UNUSABLE,
                            "read the key for hashes of secrets",
                            file.toString(),
                            failed.toString(),
                            "Check the state directory; when the file itself is damaged, remove it: a new one is made."),
                    failed);
        }
    }

    /** 64 hexadecimal digits. */
    public String of(SecretValue secret) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return HexFormat.of().formatHex(mac.doFinal(secret.reveal().getBytes(UTF_8)));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every Java runtime has " + ALGORITHM, impossible);
        }
    }

    /** The first 8 digits of {@link #of}, for a log. */
    public String shown(SecretValue secret) {
        return of(secret).substring(0, SHOWN_DIGITS);
    }

    /** Two processes may do this at once: a link is made once only, so both end up with the same key. */
    private static void create(Path file) throws IOException {
        byte[] fresh = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(fresh);
        Path candidate = file.resolveSibling(file.getFileName() + "." + UUID.randomUUID());
        AtomicFiles.write(candidate, fresh);
        try {
            Files.createLink(file, candidate);
        } catch (FileAlreadyExistsException other) {
            return;
        } finally {
            Files.delete(candidate);
        }
    }
}
