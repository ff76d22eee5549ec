package dev.gitopsexecutor.secrets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyedHashTest {
    private static final SecretValue SECRET = SecretValue.of("what do ya want for nothing?");

    @TempDir
    private Path directory;

    @Test
    void isHmacSha256() {
        // RFC 4231, test case 2: its key "Jefe" is the same to HMAC with zeros behind it.
        byte[] key = HexFormat.of().parseHex("4a656665" + "00".repeat(28));

        assertThat(new KeyedHash(key).of(SECRET))
                .isEqualTo("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        assertThat(new KeyedHash(key).shown(SECRET)).isEqualTo("5bdcc146");
    }

    @Test
    void makesItsKeyOnceForItsOwnerOnly() throws IOException {
        Path file = directory.resolve("hash.key");

        String first = KeyedHash.withKeyIn(file).of(SECRET);

        assertThat(KeyedHash.withKeyIn(file).of(SECRET)).isEqualTo(first);
        assertThat(KeyedHash.withKeyIn(directory.resolve("other.key")).of(SECRET))
                .isNotEqualTo(first);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(directory).isDirectoryNotContaining("glob:**.key.*");
    }

    @Test
    void refusesADamagedKey() throws IOException {
        Path file = Files.writeString(directory.resolve("hash.key"), "short");

        assertThatThrownBy(() -> KeyedHash.withKeyIn(file))
                .hasMessage("Cannot read the key for hashes of secrets: java.lang.IllegalArgumentException: the key has"
                        + " 5 bytes, not 32 [STATE_UNUSABLE]");
    }
}
