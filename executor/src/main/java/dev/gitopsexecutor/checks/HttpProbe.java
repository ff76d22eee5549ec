package dev.gitopsexecutor.checks;

import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.io.Deadline;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** One request and its answer over a fresh connection from a vantage: no local port is opened, no redirect followed. */
final class HttpProbe {
    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

    private HttpProbe() {}

    /**
     * Blocks until the answer is there, as far as it is read.
     *
     * @throws TlsRefusal when TLS does not come about, and will not the next time either
     * @throws IOException when there is no whole answer, with a message in words that may hold what a server wrote
     */
    static Answer ask(Request request, Vantage from, Deadline deadline, Cancellation cancellation)
            throws IOException, InterruptedException {
        Endpoint endpoint = Endpoint.of(request.url());
        return Attempt.at(
                endpoint,
                from.dialer(),
                deadline,
                cancellation,
                socket -> Request.isTls(request.url())
                        ? overTls(request, endpoint, socket, from.tls())
                        : exchange(request, socket));
    }

    private static Answer overTls(Request request, Endpoint endpoint, Socket socket, Optional<SSLContext> trust)
            throws IOException {
        try {
            SSLContext context = trust.isPresent() ? trust.get() : SSLContext.getDefault();
            SSLSocket tls = (SSLSocket)
                    context.getSocketFactory().createSocket(socket, endpoint.address(), endpoint.port(), true);
            SSLParameters parameters = tls.getSSLParameters();
            parameters.setProtocols(PROTOCOLS);
            parameters.setApplicationProtocols(new String[] {"http/1.1"});
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            if (isName(request.url())) {
                // By itself JSSE tells the server no name that has no dot.
                parameters.setServerNames(List.of(new SNIHostName(endpoint.address())));
            }
            tls.setSSLParameters(parameters);
            tls.startHandshake();
            return exchange(request, tls);
        } catch (SSLException failed) {
            throw TlsRefusal.of(failed, endpoint.address());
        } catch (NoSuchAlgorithmException failed) {
            throw new IOException("the system's CAs cannot be read", failed);
        }
    }

    private static boolean isName(URI url) {
        return !url.getHost().matches("\\[.*|[0-9.]+|.*\\.");
    }

    private static Answer exchange(Request request, Socket socket) throws IOException {
        socket.getOutputStream().write(request.bytes());
        socket.getOutputStream().flush();
        return new AnswerReader(socket.getInputStream()).read(request.method());
    }
}
