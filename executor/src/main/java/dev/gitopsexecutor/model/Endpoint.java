package dev.gitopsexecutor.model;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where something listens, by its DNS name: {@code pypi.org:443}. An IP address is none. */
public record Endpoint(String host, int port) {
    private static final String LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
    private static final Pattern FORM =
            Pattern.compile("(?<host>%s(?:\\.%s)*):(?<port>[0-9]{1,5})".formatted(LABEL, LABEL));
    private static final int MAX_HOST = 253;

    /** Throws {@link IllegalArgumentException} with a sentence for the reader when the text is refused. */
    public static Endpoint parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches() || matcher.group("host").length() > MAX_HOST) {
            throw new IllegalArgumentException("write a DNS name in lower case and a port, such as pypi.org:443");
        }
        String host = matcher.group("host");
        // Top-level domains are no numbers; and what ends in one, programs read as an address.
        if (host.matches("(?:.*\\.)?(?:0x[0-9a-f]*|[0-9]+)")
                || host.equals("localhost")
                || host.endsWith(".localhost")) {
            throw new IllegalArgumentException("write a DNS name: an address, or localhost, leads nowhere from there");
        }
        int port = Integer.parseInt(matcher.group("port"));
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("a port lies between 1 and 65535");
        }
        return new Endpoint(host, port);
    }

    @Override
    public String toString() {
        return host + ":" + port;
    }
}
