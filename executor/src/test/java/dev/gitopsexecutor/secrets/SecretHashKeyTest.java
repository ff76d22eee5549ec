package dev.gitopsexecutor.secrets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gitopsexecutor.failure.ExecutorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SecretHashKeyTest {
    private static final SecretValue VALUE = SecretValue.of("correct horse battery staple");
    private static final String FIELD = "kv/shop/staging#database_password";

    @TempDir
    Path directory;

    @Test
    void makesAKeyForItsOwnerAndKeepsIt() throws IOException {
        SecretHashKey first = SecretHashKey.open(file());
        SecretHashKey second = SecretHashKey.open(file());

        assertThat(first.isFresh()).isTrue();
        assertThat(second.isFresh()).isFalse();
        assertThat(second.hash(FIELD, VALUE)).isEqualTo(first.hash(FIELD, VALUE));
        assertThat(Files.size(file())).isEqualTo(32);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file().resolveSibling(""))))
                .isEqualTo("rwx------");
    }

    /** HMAC-SHA-256 as OpenSSL has it: {@code printf 'kv/a#b\\0value' | openssl dgst -sha256 -mac HMAC -macopt hexkey:…}. */
    @Test
    void isAKeyedHashOfFieldAndValue() throws IOException {
        SecretHashKey.open(file());
        Files.write(file(), HexFormat.of().parseHex("0b".repeat(32)));

        assertThat(SecretHashKey.open(file()).hash("kv/a#b", SecretValue.of("value")))
                .isEqualTo("6aae917e0c2b5dcc37134a6b13e24905d05a652b51811cc1e6535d2c2f072646");
    }

    @Test
    void tellsValuesFieldsAndMachinesApart() {
        SecretHashKey key = SecretHashKey.open(file());
        String hash = key.hash(FIELD, VALUE);

        assertThat(key.hash(FIELD, SecretValue.of("correct horse battery stapl")))
                .isNotEqualTo(hash);
        assertThat(key.hash("kv/shop/production#database_password", VALUE)).isNotEqualTo(hash);
        assertThat(SecretHashKey.open(directory.resolve("other/secret-hash.key"))
                        .hash(FIELD, VALUE))
                .isNotEqualTo(hash);
    }

    @Test
    void aLostKeyIsMadeAnewAndSaysSo() throws IOException {
        String before = SecretHashKey.open(file()).hash(FIELD, VALUE);
        Files.delete(file());

        SecretHashKey anew = SecretHashKey.open(file());

        assertThat(anew.isFresh()).isTrue();
        assertThat(anew.hash(FIELD, VALUE)).isNotEqualTo(before);
    }

    @Test
    void processesThatStartAtOnceHaveOneKey() throws Exception {
        List<Callable<String>> openers = Stream.generate(() ->
                        (Callable<String>) () -> SecretHashKey.open(file()).hash(FIELD, VALUE))
                .limit(8)
                .toList();
        List<String> hashes = new ArrayList<>();
        try (var threads = Executors.newFixedThreadPool(8)) {
            for (Future<String> one : threads.invokeAll(openers)) {
                hashes.add(one.get());
            }
        }
        assertThat(hashes).hasSize(8).containsOnly(hashes.getFirst());
    }

    @ParameterizedTest
    @CsvSource({
        "rw-r-----, 32, its mode is rw-r-----",
        "rw----r--, 32, its mode is rw----r--",
        "rw-------, 31, 'it has 31 bytes, a key has 32'",
        "rw-------, 33, 'it has 33 bytes, a key has 32'",
        "rw-------, 0,  'it has 0 bytes, a key has 32'",
    })
    void refusesAFileThatIsNotAsItWasMade(String mode, int size, String saw) throws IOException {
        SecretHashKey.open(file());
        Files.write(file(), new byte[size]);
        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString(mode));

        assertRefused(saw);
    }

    @Test
    void refusesALink() throws IOException {
        SecretHashKey.open(file());
        Path moved = Files.move(file(), file().resolveSibling("moved"));
        Files.createSymbolicLink(file(), moved);

        assertRefused("it is not a regular file");
    }

    @Test
    void takesAKeyThatNobodyMayWrite() throws IOException {
        SecretHashKey.open(file());
        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("r--------"));

        assertThat(SecretHashKey.open(file()).isFresh()).isFalse();
    }

    private void assertRefused(String saw) {
        assertThatThrownBy(() -> SecretHashKey.open(file()))
                .isInstanceOfSatisfying(
                        ExecutorException.class,
                        refused -> assertThat(refused.failure().block())
                                .contains("Cannot use the key for hashes of secrets. [STATE_UNUSABLE]", saw)
                                .contains("next: Put a backup of the file back"));
    }

    private Path file() {
        return directory.resolve("state/secret-hash.key");
    }
}
