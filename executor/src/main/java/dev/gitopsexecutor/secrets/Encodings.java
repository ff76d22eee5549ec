package dev.gitopsexecutor.secrets;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Every spelling of one secret that a program may print; what {@link Masker} looks for. */
final class Encodings {
    private static final String ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final HexFormat LOWER = HexFormat.of();
    private static final HexFormat UPPER = LOWER.withUpperCase();
    private static final int MIME_LINE = 76;
    private static final int PEM_LINE = 64;

    private Encodings() {}

    /** The spellings of {@code secret}, those of fewer than {@code shortest} characters left out. */
    static List<String> of(String secret, int shortest) {
        Set<String> all = new LinkedHashSet<>();
        // Without the blanks around it, the secret is also found where a program trimmed it.
        String core = secret.strip();
        all.add(core);
        all.addAll(core.lines().map(String::strip).toList());
        all.add(new StringBuilder(core).reverse().toString());
        addQuoted(all, core);
        addEscaped(all, core);
        addUrlEncoded(all, core);
        for (String form : List.of(core, secret)) {
            byte[] bytes = form.getBytes(UTF_8);
            all.add(LOWER.formatHex(bytes));
            all.add(UPPER.formatHex(bytes));
            addBase64(all, bytes);
        }
        all.removeIf(text -> text.length() < shortest);
        return List.copyOf(all);
    }

    /** As shells quote: in single quotes (two ways to write a quote), in double quotes, by backslashes, in $'…'. */
    private static void addQuoted(Set<String> all, String secret) {
        all.add(secret.replace("'", "'\\''"));
        all.add(secret.replace("'", "'\"'\"'"));
        all.add(escaped(secret, "\\\"$`"));
        all.add(escaped(secret, "\\\"$"));
        all.add(EnvFile.escaped(secret));
        all.add(secret.replace("$", "$$"));
        all.add(escaped(secret, "\\'").replace("\n", "\\n").replace("\t", "\\t"));
        StringBuilder printf = new StringBuilder();
        secret.codePoints().forEach(c -> {
            if (c < 0x80 && !Character.isLetterOrDigit(c) && "@%_+=:,./-".indexOf(c) < 0) {
                printf.append('\\');
            }
            printf.appendCodePoint(c);
        });
        all.add(printf.toString());
    }

    /** As JSON and XML write it: JSON with and without the escapes that are optional. */
    private static void addEscaped(Set<String> all, String secret) {
        all.add(json(secret, false, LOWER));
        all.add(json(secret, true, LOWER));
        all.add(json(secret, true, UPPER));
        all.add(json(secret, false, LOWER).replace("/", "\\/"));
        all.add(json(secret, false, LOWER)
                .replace("<", "\\u003c")
                .replace(">", "\\u003e")
                .replace("&", "\\u0026"));
        String xml = secret.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
        all.add(xml);
        all.add(xml.replace("\"", "&quot;").replace("'", "&#39;"));
        all.add(xml.replace("\"", "&#34;").replace("'", "&#39;"));
        all.add(xml.replace("\"", "&quot;").replace("'", "&#x27;"));
    }

    /** As percent-encoding functions write it, which differ in what they leave literal and in how they write a blank. */
    private static void addUrlEncoded(Set<String> all, String secret) {
        for (HexFormat hex : List.of(UPPER, LOWER)) {
            for (String literal : List.of("-._~", "-._~/", "-._~!'()*", "-._~!'()*;/?:@&=+$,#", "-._*", "-._")) {
                String encoded = percent(secret, hex, literal);
                all.add(encoded);
                all.add(encoded.replace("%20", "+"));
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

    /** At each of the three places that a secret can have within encoded text, the characters that only it decides. */
    private static void addBase64(Set<String> all, byte[] secret) {
        for (Base64.Encoder encoder : List.of(Base64.getEncoder(), Base64.getUrlEncoder())) {
            for (int before = 0; before < 3; before++) {
                byte[] shifted = new byte[before + secret.length];
                System.arraycopy(secret, 0, shifted, before, secret.length);
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
