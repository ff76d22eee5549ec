package dev.gitopsexecutor.checks;

import java.net.URI;

/**
 * Where a host listens.
 *
 * @param address without the brackets that a URL writes around an IPv6 address
 */
public record Endpoint(String address, int port) {
    private static final int HTTP = 80;

    /** Of a URL of the scheme http. */
    public static Endpoint of(URI url) {
        return new Endpoint(url.getHost().replaceAll("[\\[\\]]", ""), url.getPort() < 0 ? HTTP : url.getPort());
    }
}
