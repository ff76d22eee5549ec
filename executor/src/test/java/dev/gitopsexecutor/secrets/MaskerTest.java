package dev.gitopsexecutor.secrets;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
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

    /**
     * Longer with {@code -Dmasker.rounds=100000}; a round that failed comes again with {@code -Dmasker.seed=SEED
     * -Dmasker.rounds=1}.
     */
    @Test
    void masksNoTraceOfRandomSecretsInRandomChunks() throws IOException {
        long firstSeed = Long.getLong("masker.seed", 20261124L);
        int rounds = Integer.getInteger("masker.rounds", 400);
        for (long seed = firstSeed; seed < firstSeed + rounds; seed++) {
            Random random = new Random(seed);
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
                plain.append("\u2022 ").append(spelling).append(random.nextBoolean() ? "\n" : " \u2023");
            }
            String output = new String(inRandomChunks(fresh, plain.toString().getBytes(UTF_8), random), UTF_8);
            assertThat(output).as("seed %d", seed).contains("\u2022 [MASKED]");
            for (String spelling : hidden) {
                for (int from = 0; from + Masker.SHORTEST <= spelling.length(); from++) {
                    assertThat(output)
                            .as("seed %d, %s", seed, spelling)
                            .doesNotContain(spelling.substring(from, from + Masker.SHORTEST));
                }
            }
        }
    }

    /** A secret in any of the masker's own spellings, beside any bytes, cut anywhere. */
    @Test
    void masksEverySpellingOfItsOwnAmongRandomBytes() throws IOException {
        long firstSeed = Long.getLong("masker.seed", 20261124L);
        int rounds = Integer.getInteger("masker.rounds", 400);
        for (long seed = firstSeed; seed < firstSeed + rounds; seed++) {
            Random random = new Random(seed);
            String secret = randomSecret(random);
            List<String> spellings = Encodings.of(secret, Masker.SHORTEST);
            Masker fresh = new Masker();
            fresh.add(secret);
            ByteArrayOutputStream plain = new ByteArrayOutputStream();
            byte[] noise = new byte[random.nextInt(40)];
            for (String spelling : spellings) {
                random.nextBytes(noise);
                plain.write(noise);
                // The beginning of a secret that does not go on must not hide the one that does.
                plain.write(
                        spelling.substring(0, random.nextInt(spelling.length())).getBytes(UTF_8));
                plain.write(spelling.getBytes(UTF_8));
            }
            String text = new String(inRandomChunks(fresh, plain.toByteArray(), random), ISO_8859_1);
            for (String spelling : spellings) {
                assertThat(text.contains(new String(spelling.getBytes(UTF_8), ISO_8859_1)))
                        .as("seed %d, %s", seed, spelling)
                        .isFalse();
            }
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
    void masksTheSameInATextAsInAStream() {
        masker.add(SECRET);

        assertThat(masker.mask("a " + SECRET + " b")).isEqualTo("a [MASKED] b");
        assertThat(masker.mask("a " + SECRET.substring(0, 20))).isEqualTo("a [MASKED]");
        assertThat(masker.mask("")).isEmpty();
    }

    @Test
    void masksThePairOfUserAndPasswordAsRegistriesWantIt() {
        masker.add("correct horse battery");
        String pair = Base64.getEncoder().encodeToString("robot$shop:correct horse battery".getBytes(UTF_8));

        assertThat(masker.mask("{\"auth\":\"" + pair + "\"}"))
                .matches("\\{\"auth\":\"cm9ib3Qkc2hvcD.?.?\\[MASKED]=*\"}");
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
        String json = secret.replace("\\", "\\\\")
                .replace("\"", "\\\"")
                .replace("\n", "\\n")
                .replace("\t", "\\t");
        List<String> all = new ArrayList<>();
        all.add(secret);
        all.add(Base64.getEncoder().encodeToString(bytes).replace("=", ""));
        all.add(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
        all.add(HexFormat.of().formatHex(bytes));
        all.add(HexFormat.of().withUpperCase().formatHex(bytes));
        all.add(HexFormat.ofDelimiter(":").formatHex(bytes));
        all.add(HexFormat.of().withPrefix("\\x").formatHex(bytes));
        all.add(URLEncoder.encode(secret, UTF_8));
        all.add(URLEncoder.encode(secret, UTF_8).replace("+", "%20"));
        all.add(URLEncoder.encode(URLEncoder.encode(secret, UTF_8), UTF_8));
        all.add(json);
        all.add(json.replace("\u00e9", "\\u00e9").replace("\u2603", "\\u2603"));
        all.add(json.replace("\u00e9", "\\u00E9").replace("\u2603", "\\u2603"));
        all.add(json.replace("/", "\\/"));
        all.add(json.replace("\\", "\\\\").replace("\"", "\\\""));
        all.add(secret.replace("'", "'\\''"));
        all.add(secret.replace("'", "'\"'\"'"));
        all.add(secret.replace("'", "''"));
        all.add(secret.replace("\\", "\\\\").replace("\"", "\\\"").replace("$", "\\$"));
        all.add(secret.replace("$", "$$"));
        all.add(secret.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;"));
        all.add(new StringBuilder(secret).reverse().toString());
        return all;
    }

    private static String randomSecret(Random random) {
        String alphabet = "abcAB01+/=\"'\\$ &<\u00e9\u2603\t\n{}#%;:`!~";
        StringBuilder text = new StringBuilder("s");
        int length = 8 + random.nextInt(60);
        for (int i = 0; i < length; i++) {
            text.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        return text.append('e').toString();
    }

    private static byte[] inRandomChunks(Masker masker, byte[] text, Random random) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream stream = masker.wrap(out)) {
            int from = 0;
            while (from < text.length) {
                int length = Math.min(text.length - from, 1 + random.nextInt(17));
                stream.write(text, from, length);
                from += length;
            }
        }
        return out.toByteArray();
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
