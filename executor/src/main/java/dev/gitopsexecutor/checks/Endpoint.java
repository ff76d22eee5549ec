package dev.gitopsexecutor.checks;

import java.net.URI;

/**
 * Where a host listens.
 *
 * @param address without the brackets that a URL writes around an IPv6 address
 */
public record Endpoint(String address, int port) {
    private static final int HTTP = 80;
    private static final int HTTPS = 443;

    /** Of a URL of the scheme http or https, which names a host. */
    public static Endpoint of(URI url) {
        int usual = Request.isTls(url) ? HTTPS : HTTP;
        return new Endpoint(url.getHost().replaceAll("[\\[\\]]", ""), url.getPort() < 0 ? usual : url.getPort());
    }
}
