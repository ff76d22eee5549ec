package dev.gitopsexecutor.sandbox;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gitopsexecutor.model.RegistryLogin;
import dev.gitopsexecutor.testbed.JobEngine;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Base64;
import java.util.Optional;

/** A registry that has no image and hangs up at once on TLS, which an engine tries first. */
final class RegistryStub implements AutoCloseable {
    private static final int TLS = 0x16;
    private static final String UNKNOWN =
            "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"manifest unknown\"}]}";

    private final ServerSocket server;
    private final Optional<String> authorization;

    private RegistryStub(ServerSocket server, Optional<String> authorization) {
        this.server = server;
        this.authorization = authorization;
    }

    /** Asks for {@code login} where it is given. */
    static RegistryStub open(Optional<RegistryLogin> login) throws IOException {
        Optional<String> authorization = login.map(it -> (it.username() + ":" + it.revealPassword()).getBytes(UTF_8))
                .map(bytes -> "Authorization: Basic " + Base64.getEncoder().encodeToString(bytes));
        RegistryStub stub = new RegistryStub(
                new ServerSocket(0, 0, InetAddress.ofLiteral(JobEngine.machineAddress())), authorization);
        Thread.ofVirtual().start(stub::serve);
        return stub;
    }

    String address() {
        return "%s:%d".formatted(server.getInetAddress().getHostAddress(), server.getLocalPort());
    }

    private void serve() {
        while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
                answer(socket);
            } catch (IOException hungUp) {
                // The engine's business.
            }
        }
    }

    private void answer(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        StringBuilder request = new StringBuilder();
        while (request.indexOf("\r\n\r\n") < 0) {
            int value = in.read();
            if (value < 0 || value == TLS) {
                return;
            }
            request.append((char) value);
        }
        boolean known = authorization.isEmpty() || request.indexOf(authorization.get()) > 0;
        boolean ping = request.indexOf(" /v2/ ") > 0;
        socket.getOutputStream().write(text(known, ping).getBytes(ISO_8859_1));
    }

    private static String text(boolean known, boolean ping) {
        String body = ping ? "{}" : UNKNOWN;
        String status = ping ? "200 OK" : "404 Not Found";
        return """
                HTTP/1.1 %s
                Www-Authenticate: Basic realm="registry"
                Docker-Distribution-Api-Version: registry/2.0
                Content-Type: application/json
                Content-Length: %d
                Connection: close

                %s""".formatted(known ? status : "401 Unauthorized", body.length(), body)
                .replace("\n", "\r\n");
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
