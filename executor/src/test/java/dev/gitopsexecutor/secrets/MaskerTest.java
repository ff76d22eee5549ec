package dev.gitopsexecutor.secrets;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URLEncoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MaskerTest {
    private static final String SECRET = "p4ss$word/with \"quotes\" & 'ticks' \\ +~<é>=";
    private final Masker masker = new Masker();

    @Test
    void masksEverySpellingAtEveryChunkBoundary() throws IOException {
        masker.add(SecretValue.of(SECRET));
        for (String spelling : spellings(SECRET)) {
            byte[] text = ("before " + spelling + " after\n").getBytes(UTF_8);
            for (int first = 0; first <= text.length; first++) {
                assertThat(masked(text, first)).as(spelling).isEqualTo("before [MASKED] after\n");
            }
            assertThat(maskedByteByByte(text)).as(spelling).isEqualTo("before [MASKED] after\n");
        }
    }

    @Test
    void masksBase64AtAllThreeAlignments() throws IOException {
        masker.add(SECRET);
        for (String prefix : List.of("", "a", "ab", "abc", "user:")) {
            for (String suffix : List.of("", "z", "zy", "zyx")) {
                byte[] whole = (prefix + SECRET + suffix).getBytes(UTF_8);
                for (Base64.Encoder encoder : List.of(
                        Base64.getEncoder(),
                        Base64.getUrlEncoder(),
                        Base64.getEncoder().withoutPadding())) {
                    String encoded = encoder.encodeToString(whole);
                    String output = masked(encoded.getBytes(UTF_8), encoded.length() / 2);
                    String left = output.replace("[MASKED]", "");
                    assertThat(output).contains("[MASKED]");
                    assertThat(left.length())
                            .as("%s of %s", output, encoded)
                            .isLessThanOrEqualTo((prefix.length() + suffix.length()) * 4 / 3 + 6);
                }
            }
        }
    }

    @Test
    void masksNoTraceOfRandomSecretsInRandomChunks() throws IOException {
        Random random = new Random(20261124);
        for (int round = 0; round < 300; round++) {
            Masker fresh = new Masker();
            List<String> secrets = new ArrayList<>();
            for (int i = 0; i < 1 + random.nextInt(3); i++) {
                secrets.add(randomSecret(random));
            }
            secrets.forEach(fresh::add);
            StringBuilder plain = new StringBuilder();
            List<String> hidden = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                String secret = secrets.get(random.nextInt(secrets.size()));
                List<String> all = spellings(secret);
                String spelling = all.get(random.nextInt(all.size()));
                hidden.add(spelling);
                plain.append("line ")
                        .append(i)
                        .append(": ")
                        .append(spelling)
                        .append(random.nextBoolean() ? "\n" : "; ");
            }
            String output = inRandomChunks(fresh, plain.toString().getBytes(UTF_8), random);
            assertThat(hidden).as("round %d", round).noneMatch(output::contains);
            assertThat(output).contains("line 0: ", "line 19: ").endsWith(plain.substring(plain.length() - 1));
        }
    }

    @Test
    void masksEachLineOfASecretOfSeveralLines() throws IOException {
        masker.add("-----BEGIN KEY-----\nQUJDREVGR0hJSktM\n-----END KEY-----\n");

        assertThat(masked("x QUJDREVGR0hJSktM y\n")).isEqualTo("x [MASKED] y\n");
        assertThat(masked("-----BEGIN KEY-----\nQUJDREVGR0hJSktM\n-----END KEY-----\n"))
                .isEqualTo("[MASKED]\n");
    }

    @Test
    void masksShortLinesWithinTheWholeSecret() throws IOException {
        masker.add("ab\nlong enough to count\ncd");

        assertThat(masked("ab\nlong enough to count\ncd")).isEqualTo("[MASKED]");
        assertThat(masked("ab\nlong enough to count\nce")).isEqualTo("ab\n[MASKED]\nce");
    }

    @Test
    void masksSecretsThatOverlap() throws IOException {
        masker.add("abcdefghij");
        masker.add("ghijklmnop");
        masker.add("cdefghij");

        assertThat(masked("<abcdefghijklmnop>")).isEqualTo("<[MASKED]>");
        assertThat(masked("<abcdefghijabcdefghij>")).isEqualTo("<[MASKED]>");
        assertThat(masked("<abcdefghi>")).isEqualTo("<abcdefghi>");
    }

    @Test
    void passesACompleteLineOnAtOnce() throws IOException {
        masker.add(SECRET);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        OutputStream stream = masker.wrap(out);

        stream.write("a line that ends\n".getBytes(UTF_8));

        assertThat(out.toString(UTF_8)).isEqualTo("a line that ends\n");
    }

    @Test
    void holdsBackOnlyWhatBeginsASecret() throws IOException {
        masker.add(SECRET);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        OutputStream stream = masker.wrap(out);

        stream.write("value: p4ss".getBytes(UTF_8));
        stream.flush();
        assertThat(out.toString(UTF_8)).isEqualTo("value: ");
        stream.write("age\n".getBytes(UTF_8));

        assertThat(out.toString(UTF_8)).isEqualTo("value: p4ssage\n");
    }

    @Test
    void masksASecretThatTheEndCutsOff() throws IOException {
        masker.add("correct horse battery staple");

        assertThat(masked("it is correct horse batt")).isEqualTo("it is [MASKED]");
        assertThat(masked("it is correct")).isEqualTo("it is correct");
    }

    @Test
    void masksASecretAddedWhileTheStreamIsOpen() throws IOException {
        masker.add("old secret value");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        OutputStream stream = masker.wrap(out);

        stream.write("new secret one; old s".getBytes(UTF_8));
        masker.add("old sandwich recipe");
        masker.add("new secret one");
        stream.write("andwich recipe; new secret one\n".getBytes(UTF_8));

        assertThat(out.toString(UTF_8)).isEqualTo("new secret one; [MASKED]; [MASKED]\n");
    }

    @Test
    void leavesShortValuesAlone() throws IOException {
        masker.add("1234567");
        masker.add("");

        assertThat(masked("1234567\n")).isEqualTo("1234567\n");
    }

    @Test
    void masksALongSecretInAStreamOfItsOwnFirstCharacter() throws IOException {
        masker.add("a".repeat(65_536));

        assertThat(masked("b" + "a".repeat(200_000) + "b")).isEqualTo("b[MASKED]b");
        assertThat(masked("b" + "a".repeat(65_535) + "b")).isEqualTo("b" + "a".repeat(65_535) + "b");
    }

    @Test
    void keepsLinesOfSeveralThreadsWhole() throws Exception {
        masker.add(SECRET);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        OutputStream stream = masker.wrap(out);
        List<Thread> writers = new ArrayList<>();
        for (int number = 0; number < 4; number++) {
            byte[] line = "writer %d says %s.\n".formatted(number, SECRET).getBytes(UTF_8);
            writers.add(Thread.ofVirtual().start(() -> repeat(stream, line)));
        }
        for (Thread writer : writers) {
            writer.join();
        }

        assertThat(out.toString(UTF_8).lines())
                .hasSize(4000)
                .allMatch(line -> line.matches("writer \\d says \\[MASKED]."));
    }

    private static void repeat(OutputStream stream, byte[] line) {
        try {
            for (int i = 0; i < 1000; i++) {
                stream.write(line);
            }
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** Made by other means than the masker's own. */
    private static List<String> spellings(String secret) {
        byte[] bytes = secret.getBytes(UTF_8);
        List<String> all = new ArrayList<>();
        all.add(secret);
        all.add(Base64.getEncoder().encodeToString(bytes).replace("=", ""));
        all.add(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
        all.add(HexFormat.of().formatHex(bytes));
        all.add(HexFormat.of().withUpperCase().formatHex(bytes));
        all.add(URLEncoder.encode(secret, UTF_8));
        all.add(URLEncoder.encode(secret, UTF_8).replace("+", "%20"));
        all.add(secret.replace("\\", "\\\\").replace("\"", "\\\""));
        all.add(secret.replace("\\", "\\\\").replace("\"", "\\\"").replace("é", "\\u00e9"));
        all.add(secret.replace("\\", "\\\\").replace("\"", "\\\"").replace("é", "\\u00E9"));
        all.add(secret.replace("\\", "\\\\").replace("\"", "\\\"").replace("/", "\\/"));
        all.add(secret.replace("'", "'\\''"));
        all.add(secret.replace("'", "'\"'\"'"));
        all.add(secret.replace("\\", "\\\\").replace("\"", "\\\"").replace("$", "\\$"));
        all.add(secret.replace("$", "$$"));
        all.add(new StringBuilder(secret).reverse().toString());
        return all;
    }

    private static String randomSecret(Random random) {
        String alphabet = "abcAB01+/=\"'\\$ &<é";
        StringBuilder text = new StringBuilder("s");
        int length = 8 + random.nextInt(60);
        for (int i = 0; i < length; i++) {
            text.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        return text.append('e').toString();
    }

    private static String inRandomChunks(Masker masker, byte[] text, Random random) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream stream = masker.wrap(out)) {
            int from = 0;
            while (from < text.length) {
                int length = Math.min(text.length - from, 1 + random.nextInt(17));
                stream.write(text, from, length);
                from += length;
            }
        }
        return out.toString(UTF_8);
    }

    private String masked(String text) throws IOException {
        return masked(text.getBytes(UTF_8), text.length() / 2);
    }

    private String masked(byte[] text, int firstChunk) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream stream = masker.wrap(out)) {
            stream.write(Arrays.copyOf(text, firstChunk));
            stream.flush();
            stream.write(text, firstChunk, text.length - firstChunk);
        }
        return out.toString(UTF_8);
    }

    private String maskedByteByByte(byte[] text) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream stream = masker.wrap(out)) {
            for (byte b : text) {
                stream.write(b);
            }
        }
        return out.toString(UTF_8);
    }
}
