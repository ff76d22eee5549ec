package dev.gitopsexecutor.secrets;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;

/**
 * Every spelling of one secret that a program may print; what {@link Masker} looks for.
 *
 * <p>A secret of several lines is also looked for line by line, since whoever prints one may indent or wrap its lines.
 * One of more than {@value #LONG} characters is looked for in the common spellings alone, and its lines as they are: each
 * spelling costs memory for each of its characters.
 */
final class Encodings {
    private static final String ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final String BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private static final HexFormat LOWER = HexFormat.of();
    private static final HexFormat UPPER = LOWER.withUpperCase();
    private static final int MIME_LINE = 76;
    private static final int PEM_LINE = 64;
    private static final int LONG = 1024;

    /** What percent-encoding functions leave as it is, the most usual first: RFC 3986, HTML forms, JavaScript. */
    private static final List<String> LITERALS =
            List.of("-._~", "-._*", "-._~!'()*", "-._~/", "-._~!'()*;/?:@&=+$,#", "-._");

    private Encodings() {}

    /** The spellings of {@code secret}, those of fewer than {@code shortest} characters left out. */
    static List<String> of(String secret, int shortest) {
        Set<String> all = new LinkedHashSet<>();
        // Without the blanks around it, the secret is also found where a program trimmed it.
        String core = secret.strip();
        addSpellings(all, core);
        addBytes(all, secret);
        if (core.indexOf('\n') >= 0) {
            all.add(core.replace("\r\n", "\n").replace("\n", "\r\n"));
            core.lines()
                    .map(String::strip)
                    .filter(line -> line.length() >= shortest)
                    .distinct()
                    .forEach(line -> {
                        all.add(line);
                        if (core.length() <= LONG) {
                            addSpellings(all, line);
                        }
                    });
        }
        all.removeIf(text -> text.length() < shortest);
        return List.copyOf(all);
    }

    private static void addSpellings(Set<String> all, String text) {
        all.add(text);
        addQuoted(all, text);
        addEscaped(all, text);
        addUrlEncoded(all, text);
        addBytes(all, text);
        if (text.length() <= LONG) {
            all.add(new StringBuilder(text).reverse().toString());
            addLiterals(all, text);
            addMarkup(all, text);
            addRareBytes(all, text.getBytes(UTF_8));
        }
    }

    /** As shells quote: in single quotes (two ways to write a quote), in double quotes, by backslashes, in $'…'. */
    private static void addQuoted(Set<String> all, String secret) {
        all.add(secret.replace("'", "'\\''"));
        all.add(secret.replace("'", "'\"'\"'"));
        all.add(escaped(secret, "\\\"$`"));
        all.add(escaped(secret, "\\\"$"));
        all.add(EnvFile.escaped(secret));
        all.add(secret.replace("$", "$$"));
        all.add(escaped(secret, "\\'").replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r"));
        StringBuilder printf = new StringBuilder();
        secret.codePoints().forEach(c -> {
            if (c < 0x80 && !Character.isLetterOrDigit(c) && "@%_+=:,./-".indexOf(c) < 0) {
                printf.append('\\');
            }
            printf.appendCodePoint(c);
        });
        all.add(printf.toString());
    }

    /** As JSON writes it: with and without the escapes that are optional, and as a text within a text of JSON. */
    private static void addEscaped(Set<String> all, String secret) {
        String plain = json(secret, false, LOWER);
        String html = plain.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026");
        all.add(plain);
        all.add(json(secret, true, LOWER));
        all.add(json(secret, true, UPPER));
        all.add(plain.replace("/", "\\/"));
        all.add(html);
        all.add(html.replace("'", "\\u0027"));
        all.add(json(plain, false, LOWER));
        all.add(json(html, false, LOWER));
    }

    /** As programming languages write a text in their own sources, and as YAML, SQL and CSV double a quote. */
    private static void addLiterals(Set<String> all, String secret) {
        all.add(secret.replace("'", "''"));
        all.add(secret.replace("\"", "\"\""));
        for (String quote : List.of("'", "\"")) {
            all.add(literal(secret, quote, c -> c < 0x20 || c == 0x7f, c -> "\\x" + LOWER.toHexDigits((byte) c)));
            all.add(literal(secret, quote, c -> c < 0x20 || c > 0x7e, Encodings::python));
            all.add(literal(secret, quote, c -> c < 0x20 || c > 0x7e, Encodings::utf8));
        }
        all.add(literal(secret, "\"", c -> c < 0x20 || c > 0x7e, Encodings::go));
        // Java's properties files: a key's separators are escaped in values too.
        all.add(escaped(json(secret, true, UPPER).replace("\\\"", "\""), "=:#!"));
    }

    /** As XML and HTML write it, whose escapers differ in how they write quotes. */
    private static void addMarkup(Set<String> all, String secret) {
        String xml = secret.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
        all.add(xml);
        for (String quote : List.of("&quot;", "&#34;")) {
            for (String tick : List.of("&#39;", "&#x27;", "&apos;", "'")) {
                all.add(xml.replace("\"", quote).replace("'", tick));
            }
        }
        all.add(xml.replace("\"", "&quot;")
                .replace("'", "&#39;")
                .replace("/", "&#x2F;")
                .replace("`", "&#x60;")
                .replace("=", "&#x3D;"));
    }

    /** As percent-encoding functions write it, which differ in what they leave literal and in how they write a blank. */
    private static void addUrlEncoded(Set<String> all, String secret) {
        boolean isLong = secret.length() > LONG;
        for (HexFormat hex : isLong ? List.of(UPPER) : List.of(UPPER, LOWER)) {
            for (String literal : isLong ? LITERALS.subList(0, 3) : LITERALS) {
                String encoded = percent(secret, hex, literal);
                all.add(encoded);
                all.add(encoded.replace("%20", "+"));
            }
        }
        if (!isLong) {
            // A parameter within a parameter.
            for (String literal : LITERALS.subList(0, 3)) {
                String once = percent(secret, UPPER, literal);
                all.add(percent(once, UPPER, literal));
                all.add(percent(once.replace("%20", "+"), UPPER, literal));
            }
        }
    }

    private static String percent(String secret, HexFormat hex, String literal) {
        StringBuilder text = new StringBuilder();
        for (byte b : secret.getBytes(UTF_8)) {
            if (ALPHANUMERIC.indexOf(b) >= 0 || literal.indexOf(b) >= 0) {
                text.append((char) b);
            } else {
                text.append('%').append(hex.toHexDigits(b));
            }
        }
        return text.toString();
    }

    private static void addBytes(Set<String> all, String text) {
        byte[] bytes = text.getBytes(UTF_8);
        all.add(LOWER.formatHex(bytes));
        all.add(UPPER.formatHex(bytes));
        addBase64(all, bytes);
    }

    /** Bytes with something between or before them, as dumps show them, and base32. */
    private static void addRareBytes(Set<String> all, byte[] bytes) {
        for (HexFormat hex : List.of(LOWER, UPPER)) {
            for (String delimiter : List.of(" ", ":", "-")) {
                all.add(hex.withDelimiter(delimiter).formatHex(bytes));
            }
            for (String prefix : List.of("\\x", "%")) {
                all.add(hex.withPrefix(prefix).formatHex(bytes));
            }
            for (String delimiter : List.of(" ", ",", ", ")) {
                all.add(hex.withPrefix("0x").withDelimiter(delimiter).formatHex(bytes));
            }
        }
        for (int before = 0; before < 5; before++) {
            String encoded = base32(shifted(bytes, before));
            int from = (before * 8 + 4) / 5;
            all.add(encoded.substring(from));
            all.add(encoded.substring(from, (before + bytes.length) * 8 / 5));
        }
    }

    /** At each of the three places that a secret can have within encoded text, the characters that only it decides. */
    private static void addBase64(Set<String> all, byte[] secret) {
        for (Base64.Encoder encoder : List.of(Base64.getEncoder(), Base64.getUrlEncoder())) {
            for (int before = 0; before < 3; before++) {
                byte[] shifted = shifted(secret, before);
                String encoded = encoder.withoutPadding().encodeToString(shifted);
                int from = before == 0 ? 0 : before + 1;
                all.add(encoded.substring(Math.min(from, encoded.length())));
                all.add(encoded.substring(Math.min(from, encoded.length()), shifted.length * 8 / 6));
            }
        }
        String whole = Base64.getEncoder().encodeToString(secret);
        for (int width : new int[] {MIME_LINE, PEM_LINE}) {
            for (int from = 0; whole.length() > width && from < whole.length(); from += width) {
                all.add(whole.substring(from, Math.min(from + width, whole.length())));
            }
        }
    }

    private static byte[] shifted(byte[] bytes, int by) {
        byte[] shifted = new byte[by + bytes.length];
        System.arraycopy(bytes, 0, shifted, by, bytes.length);
        return shifted;
    }

    /** Without padding. */
    private static String base32(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        int buffer = 0;
        int bits = 0;
        for (byte b : bytes) {
            buffer = buffer << 8 | (b & 0xff);
            bits += 8;
            while (bits >= 5) {
                text.append(BASE32.charAt(buffer >> (bits - 5) & 31));
                bits -= 5;
            }
            buffer &= 31;
        }
        if (bits > 0) {
            text.append(BASE32.charAt(buffer << (5 - bits) & 31));
        }
        return text.toString();
    }

    /** Between {@code quote}s; what {@code special} picks as {@code escape} writes it, line ends and tabs as all do. */
    private static String literal(String secret, String quote, IntPredicate special, IntFunction<String> escape) {
        StringBuilder text = new StringBuilder();
        secret.codePoints().forEach(c -> {
            switch (c) {
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                case '\\' -> text.append("\\\\");
                default -> {
                    if (quote.indexOf(c) >= 0) {
                        text.append('\\').appendCodePoint(c);
                    } else if (special.test(c)) {
                        text.append(escape.apply(c));
                    } else {
                        text.appendCodePoint(c);
                    }
                }
            }
        });
        return text.toString();
    }

    /** As Python's {@code ascii()}. */
    private static String python(int c) {
        return c < 0x100 ? "\\x%02x".formatted(c) : c < 0x10000 ? "\\u%04x".formatted(c) : "\\U%08x".formatted(c);
    }

    /** As Go's {@code %+q}. */
    private static String go(int c) {
        return switch (c) {
            case 0x07 -> "\\a";
            case 0x08 -> "\\b";
            case 0x0c -> "\\f";
            case 0x0b -> "\\v";
            default ->
                c < 0x80 ? "\\x%02x".formatted(c) : c < 0x10000 ? "\\u%04x".formatted(c) : "\\U%08x".formatted(c);
        };
    }

    /** As Python's {@code bytes} and C. */
    private static String utf8(int c) {
        return LOWER.withPrefix("\\x").formatHex(Character.toString(c).getBytes(UTF_8));
    }

    private static String json(String secret, boolean ascii, HexFormat hex) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < secret.length(); i++) {
            char c = secret.charAt(i);
            switch (c) {
                case '"', '\\' -> text.append('\\').append(c);
                case '\n' -> text.append("\\n");
                case '\t' -> text.append("\\t");
                case '\r' -> text.append("\\r");
                case '\b' -> text.append("\\b");
                case '\f' -> text.append("\\f");
                default -> {
                    if (c < 0x20 || (ascii && c > 0x7e)) {
                        text.append("\\u").append(hex.toHexDigits(c));
                    } else {
                        text.append(c);
                    }
                }
            }
        }
        return text.toString();
    }

    private static String escaped(String secret, String special) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < secret.length(); i++) {
            if (special.indexOf(secret.charAt(i)) >= 0) {
                text.append('\\');
            }
            text.append(secret.charAt(i));
        }
        return text.toString();
    }
}
