package dev.gitopsexecutor.config;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.Set;

/** Host keys as {@code .pub} files and {@code ssh-keyscan} write them, without a comment. */
final class HostKeys {
    private static final Set<String> TYPES =
            Set.of("ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa");
    private static final String EXPECTED =
            "write a key type and the key, such as ssh-ed25519 AAAA…, as /etc/ssh/ssh_host_ed25519_key.pub has it";

    private HostKeys() {}

    /** Returns {@code text}; throws {@link IllegalArgumentException} when it is not the public key that it says. */
    static String parse(String text) {
        String[] words = text.split(" ", -1);
        if (words.length != 2 || !TYPES.contains(words[0]) || !words[0].equals(typeWithin(words[1]))) {
            throw new IllegalArgumentException(EXPECTED);
        }
        return text;
    }

    /** The blob begins with its type again, as a length and that many bytes (RFC 4253, 6.6). */
    private static String typeWithin(String base64) {
        try {
            ByteBuffer blob = ByteBuffer.wrap(Base64.getDecoder().decode(base64));
            int length = blob.getInt();
            if (length < 0 || length >= blob.remaining()) {
                throw new IllegalArgumentException(EXPECTED);
            }
            byte[] type = new byte[length];
            blob.get(type);
            return new String(type, US_ASCII);
        } catch (BufferUnderflowException tooShort) {
            throw new IllegalArgumentException(EXPECTED, tooShort);
        } catch (IllegalArgumentException notBase64) {
            throw new IllegalArgumentException(EXPECTED, notBase64);
        }
    }
}
