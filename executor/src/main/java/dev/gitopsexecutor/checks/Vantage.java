package dev.gitopsexecutor.checks;

import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * From where a check asks.
 *
 * @param name as a reader knows the place: {@code web-1}, {@code this machine}
 * @param dialer how connections are opened from there
 * @param tls whose certificates are taken for https; empty for the system's CAs. TLS itself is spoken by this machine
 *     wherever the connection begins.
 */
public record Vantage(String name, Dialer dialer, Optional<SSLContext> tls) {}
