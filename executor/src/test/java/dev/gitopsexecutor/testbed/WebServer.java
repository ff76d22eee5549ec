package dev.gitopsexecutor.testbed;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A real nginx on free loopback ports, which misbehaves as its paths say: {@code /limited} answers one request a second, and
 * 429 to more; {@code /down} has nobody behind it, {@code /maintenance} says 503, {@code /moved} redirects, {@code /closed}
 * ends the connection, {@code /slow} sends a byte a second. Everything else is answered with {@code ok}.
 */
public final class WebServer {
    private final Path directory;
    private final int port;
    private final int tlsPort;

    private WebServer(Path directory, int port, int tlsPort) {
        this.directory = directory;
        this.port = port;
        this.tlsPort = tlsPort;
    }

    /** Blocks until it answers. */
    static WebServer start(WorldDirectory world) throws IOException {
        Path directory = world.directory("web");
        var _ = PemFiles.create(directory);
        int tlsPort = FreePort.pick();
        int nobody = FreePort.pick();
        Nginx nginx = Nginx.start(directory, port -> """
              limit_req_zone $server_addr zone=each:1m rate=1r/s;
              server {
                listen 127.0.0.1:%2$d;
                access_log %1$s/access.log;
                location / { default_type text/html; return 200 "ok"; }
                location /limited {
                  limit_req zone=each;
                  limit_req_status 429;
                  error_page 429 @limited;
                  proxy_pass http://127.0.0.1:%2$d/;
                }
                location @limited { add_header Retry-After 1 always; return 429; }
                location /down { proxy_pass http://127.0.0.1:%4$d; }
                location /maintenance { return 503; }
                location /moved { return 301 http://127.0.0.1:%2$d/; }
                location /closed { return 444; }
                location /slow { limit_rate 1; proxy_pass http://127.0.0.1:%2$d/long; }
                location /long { return 200 "okokokokokokokokokokokokokokokokokokokokokokokokokokokokokokokok"; }
              }
              server {
                listen 127.0.0.1:%3$d ssl;
                server_name localhost;
                access_log %1$s/access.log;
                ssl_certificate %1$s/server.pem;
                ssl_certificate_key %1$s/server.key;
                location / { default_type text/html; return 200 "ok"; }
              }
            """.formatted(directory, port, tlsPort, nobody));
        world.remember(nginx.process());
        return new WebServer(directory, nginx.port(), tlsPort);
    }

    public URI uri(String path) {
        return URI.create("http://127.0.0.1:%d%s".formatted(port, path));
    }

    /** The same with TLS, by a name that its certificate has. */
    public URI tlsUri(String path) {
        return URI.create("https://localhost:%d%s".formatted(tlsPort, path));
    }

    /** The same by its address, which the certificate does not have. */
    public URI tlsUriByAddress(String path) {
        return URI.create("https://127.0.0.1:%d%s".formatted(tlsPort, path));
    }

    /** That it signed its own certificate with. */
    public Path caFile() {
        return directory.resolve("server.pem");
    }

    /** One line for each request so far. */
    public List<String> requests() throws IOException {
        return Files.readAllLines(directory.resolve("access.log"));
    }
}
