package dev.gitopsexecutor.config;

import dev.gitopsexecutor.failure.Shown;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Parsers of text that all files share; each refuses with a sentence that says what to write. */
final class Texts {
    private static final Pattern DURATION = Pattern.compile("([0-9]{1,6})(ms|s|m|h)");
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,6})(KiB|MiB|GiB)");
    private static final Pattern LOOPBACK =
            Pattern.compile("localhost|127(?:\\.(?:25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})){3}");
    private static final Pattern ABSOLUTE = Pattern.compile("(?:/[A-Za-z0-9._@+-]+)+");

    private Texts() {}

    static YamlType<String> matching(Pattern pattern, String expected) {
        return YamlType.text(text -> {
            if (!pattern.matcher(text).matches()) {
                throw new IllegalArgumentException("write " + expected);
            }
            return text;
        });
    }

    /** A whole number and a unit, such as {@code 60s}. */
    static YamlType<Duration> duration(Duration min, Duration max) {
        return YamlType.text(text -> {
            Matcher matcher = DURATION.matcher(text);
            if (!matcher.matches()) {
                throw new IllegalArgumentException("write a number and ms, s, m or h, such as 60s");
            }
            long number = Long.parseLong(matcher.group(1));
            Duration duration = switch (matcher.group(2)) {
                case "ms" -> Duration.ofMillis(number);
                case "s" -> Duration.ofSeconds(number);
                case "m" -> Duration.ofMinutes(number);
                default -> Duration.ofHours(number);
            };
            if (duration.compareTo(min) < 0 || duration.compareTo(max) > 0) {
                throw new IllegalArgumentException("write %d s to %d s".formatted(min.toSeconds(), max.toSeconds()));
            }
            return duration;
        });
    }

    /** A whole number and a unit, such as {@code 512MiB}; in bytes. */
    static YamlType<Long> size(long min) {
        return YamlType.text(text -> {
            Matcher matcher = SIZE.matcher(text);
            if (!matcher.matches()) {
                throw new IllegalArgumentException("write a number and KiB, MiB or GiB, such as 512MiB");
            }
            int shift = switch (matcher.group(2)) {
                case "KiB" -> 10;
                case "MiB" -> 20;
                default -> 30;
            };
            long bytes = Long.parseLong(matcher.group(1)) << shift;
            if (bytes < min) {
                throw new IllegalArgumentException("write at least %d MiB".formatted(min >> 20));
            }
            return bytes;
        });
    }

    /** An absolute path in its shortest form. */
    static YamlType<Path> absolutePath() {
        return YamlType.text(text -> Path.of(absolute(text)));
    }

    static String absolute(String text) {
        if (!ABSOLUTE.matcher(text).matches()
                || !Path.of(text).normalize().toString().equals(text)) {
            throw new IllegalArgumentException(
                    "write an absolute path of letters, digits, ., _, @, + and -, without . and .. as parts");
        }
        return text;
    }

    /** The base of a service: https, or http where nobody else can listen. */
    static YamlType<URI> serviceUrl() {
        return YamlType.text(text -> {
            URI uri = url(text);
            boolean loopback =
                    LOOPBACK.matcher(uri.getHost()).matches() || uri.getHost().equals("[::1]");
            boolean trusted = "https".equals(uri.getScheme()) || ("http".equals(uri.getScheme()) && loopback);
            if (!trusted || uri.getRawQuery() != null) {
                throw new IllegalArgumentException("write an https:// URL, or http:// on a loopback address");
            }
            return text.endsWith("/") ? URI.create(text.substring(0, text.length() - 1)) : uri;
        });
    }

    static boolean isLoopback(String host) {
        return LOOPBACK.matcher(host).matches();
    }

    /** On the host itself, which dials it over IPv4; no certificate of a loopback address could be verified. */
    static YamlType<URI> healthUrl() {
        return YamlType.text(text -> {
            URI uri = url(text);
            if ("https".equals(uri.getScheme())) {
                throw new IllegalArgumentException(
                        "write http://; TLS is not spoken to a loopback address, whose certificate nobody signs");
            }
            if (!"http".equals(uri.getScheme())
                    || !LOOPBACK.matcher(uri.getHost()).matches()) {
                throw new IllegalArgumentException(
                        "write an http:// URL on 127.0.0.1 or localhost: each host asks itself");
            }
            return uri;
        });
    }

    /** Scheme and authority of a place where users come to. */
    static YamlType<URI> publicUrl() {
        return YamlType.text(text -> {
            URI uri = url(text);
            boolean web = "https".equals(uri.getScheme()) || "http".equals(uri.getScheme());
            if (!web || uri.getRawQuery() != null || !uri.getRawPath().matches("/?")) {
                throw new IllegalArgumentException("write a URL without path, such as https://shop.example.com");
            }
            return URI.create(uri.getScheme() + "://" + uri.getRawAuthority().toLowerCase(Locale.ROOT));
        });
    }

    static Function<String, String> nonBlank(String expected) {
        return text -> {
            if (text.isBlank() || !text.equals(text.strip()) || text.chars().anyMatch(Character::isISOControl)) {
                throw new IllegalArgumentException("write " + expected);
            }
            return text;
        };
    }

    private static URI url(String text) {
        int user = text.indexOf('@');
        if (user >= 0) {
            // What stands before the @ may be a password.
            throw new IllegalArgumentException(
                    "\"…%s\" carries a user; write the URL without".formatted(Shown.plain(text.substring(user))));
        }
        try {
            URI uri = new URI(text);
            boolean ascii = text.chars().allMatch(character -> character > ' ' && character < 0x7f);
            boolean portFits = uri.getPort() == -1 || (uri.getPort() >= 1 && uri.getPort() <= 65_535);
            if (uri.getHost() != null && uri.getRawFragment() == null && ascii && portFits) {
                return uri;
            }
        } catch (URISyntaxException malformed) {
            throw new IllegalArgumentException("write a URL such as https://host/path", malformed);
        }
        throw new IllegalArgumentException(
                "write a URL such as https://host/path, in ASCII, with a port of 1 to 65535 if any, without #fragment");
    }
}
