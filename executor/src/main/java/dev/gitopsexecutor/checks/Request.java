package dev.gitopsexecutor.checks;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.util.Collections;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * A request of HTTP/1.1 over a connection that is used once.
 *
 * @param headers besides those that every request has
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9112">RFC 9112</a>
 */
record Request(String method, URI url, SortedMap<String, String> headers, Optional<String> body) {
    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
    private static final Pattern CONTROL = Pattern.compile("[\\x00-\\x08\\x0a-\\x1f\\x7f]");

    private static final Set<String> WITH_BODY = Set.of("PATCH", "POST", "PUT");

    /**
     * Throws {@link IllegalArgumentException} for what would make another request of this one; its message names no
     * value, since that may be a secret.
     */
    Request {
        if (url.getHost() == null) {
            throw new IllegalArgumentException("the URL names no host");
        }
        if (!TOKEN.matcher(method).matches()) {
            throw new IllegalArgumentException("the method is none of HTTP");
        }
        TreeMap<String, String> checked = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        headers.forEach((name, value) -> {
            if (!TOKEN.matcher(name).matches()) {
                throw new IllegalArgumentException("a header's name has characters that no header's name may have");
            }
            if (SmokeProbe.FRAME_HEADERS.contains(name.toLowerCase(Locale.ROOT))) {
                throw new IllegalArgumentException("the header %s may not be set by a check".formatted(name));
            }
            if (CONTROL.matcher(value).find()) {
                throw new IllegalArgumentException(
                        "the value of the header %s has a line break or another control character".formatted(name));
            }
            if (checked.put(name, value) != null) {
                throw new IllegalArgumentException("the header %s is there twice".formatted(name));
            }
        });
        headers = Collections.unmodifiableSortedMap(checked);
    }

    static Request get(URI url) {
        return new Request("GET", url, Collections.emptySortedMap(), Optional.empty());
    }

    static boolean isTls(URI url) {
        return "https".equalsIgnoreCase(url.getScheme());
    }

    /** As it is sent. */
    byte[] bytes() {
        TreeMap<String, String> lines = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        lines.put("Accept", "*/*");
        lines.put("Accept-Encoding", "identity");
        lines.put("User-Agent", "gitops-executor");
        lines.putAll(headers);
        byte[] content = body.orElse("").getBytes(UTF_8);
        if (body.isPresent() || WITH_BODY.contains(method)) {
            lines.put("Content-Length", Integer.toString(content.length));
        }
        StringBuilder head = new StringBuilder();
        head.append(method).append(' ').append(target()).append(" HTTP/1.1\r\nHost: ");
        head.append(authority()).append("\r\n");
        lines.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        head.append("Connection: close\r\n\r\n");
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.writeBytes(head.toString().getBytes(UTF_8));
        whole.writeBytes(content);
        return whole.toByteArray();
    }

    /** For a reader, without the user and password that a URL may hold. */
    String describe() {
        return "%s %s://%s%s".formatted(method, url.getScheme(), authority(), target());
    }

    private String authority() {
        return url.getPort() < 0 ? url.getHost() : url.getHost() + ":" + url.getPort();
    }

    private String target() {
        URI ascii = URI.create(url.toASCIIString());
        String path = ascii.getRawPath() == null || ascii.getRawPath().isEmpty() ? "/" : ascii.getRawPath();
        return ascii.getRawQuery() == null ? path : path + "?" + ascii.getRawQuery();
    }
}
