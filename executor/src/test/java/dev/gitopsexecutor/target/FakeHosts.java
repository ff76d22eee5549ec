package dev.gitopsexecutor.target;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.sshd.common.channel.Channel;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.common.session.SessionListener;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.channel.ChannelSessionFactory;
import org.apache.sshd.server.forward.AcceptAllForwardingFilter;
import org.apache.sshd.server.forward.DirectTcpipFactory;
import org.apache.sshd.server.forward.TcpForwardingFilter;
import org.apache.sshd.server.forward.TcpipServerChannel;
import org.apache.sshd.server.session.ServerSession;

/**
 * Many target hosts in this process: a real SSH server that is reached at 127.0.0.1, 127.0.0.2, …, and behind each address a
 * {@link FakeHost} that answers the scripts of a deploy as a host with Docker would. It shows how the deploy behaves with
 * more hosts than a machine can hold, and when one of them fails at a chosen step; what the scripts themselves do, only real
 * hosts show.
 *
 * <p>The health URL of every host is {@link #healthUrl()}: the answer tells the version that runs on the host that asks.
 */
public final class FakeHosts implements AutoCloseable {
    public static final String USER = "deploy";

    private final List<FakeHost> hosts;
    private final SshServer server = SshServer.setUpDefaultServer();
    private final HttpServer health;
    private final ExecutorService healthThreads = Executors.newVirtualThreadPerTaskExecutor();
    private final KeyPair hostKey = TestSshServer.newKey();
    private final Path userKey;
    private final AtomicInteger connections = new AtomicInteger();

    private FakeHosts(List<FakeHost> hosts, HttpServer health, Path userKey) {
        this.hosts = hosts;
        this.health = health;
        this.userKey = userKey;
    }

    /** Starts {@code count} hosts, at most 250; {@code directory} gets the file of the key that they let in. */
    public static FakeHosts start(int count, Path directory) {
        KeyPair key = TestSshServer.newKey();
        try {
            Path userKey = TestSshServer.write(key, directory.resolve("fake-hosts-key"));
            HttpServer health = HttpServer.create(new InetSocketAddress(address(1), 0), 1000);
            FakeHosts fakes = new FakeHosts(
                    IntStream.rangeClosed(1, count)
                            .mapToObj(number -> new FakeHost("host-%03d".formatted(number), address(number)))
                            .toList(),
                    health,
                    userKey);
            fakes.listen(key);
            return fakes;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private void listen(KeyPair accepted) throws IOException {
        health.createContext("/health", this::answerHealth);
        health.setExecutor(healthThreads);
        health.start();
        server.setHost(hosts.stream().map(FakeHost::address).collect(Collectors.joining(",")));
        // The same on every address: one socket alone could choose it.
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.ofLiteral(address(1)))) {
            server.setPort(free.getLocalPort());
        }
        server.setKeyPairProvider(KeyPairProvider.wrap(hostKey));
        server.setPublickeyAuthenticator((user, key, session) -> KeyUtils.compareKeys(accepted.getPublic(), key));
        server.setCommandFactory((channel, command) -> new FakeShell(host(channel.getServerSession()), command));
        server.addSessionListener(new SessionListener() {
            @Override
            public void sessionCreated(Session session) {
                connections.incrementAndGet();
            }
        });
        server.setForwardingFilter(AcceptAllForwardingFilter.INSTANCE);
        server.setChannelFactories(List.of(ChannelSessionFactory.INSTANCE, new FromItsOwnAddress()));
        server.start();
    }

    private static String address(int number) {
        return "127.0.0." + number;
    }

    /** The host with that number, from 1 on. */
    public FakeHost host(int number) {
        return hosts.get(number - 1);
    }

    public List<FakeHost> all() {
        return hosts;
    }

    public int port() {
        return server.getPort();
    }

    /** Type and key, as in policy.yaml, the same for every host. */
    public String hostKey() {
        return PublicKeyEntry.toString(hostKey.getPublic());
    }

    /** The private key that every host lets in, as in {@code ssh_key_file} of policy.yaml. */
    public Path userKey() {
        return userKey;
    }

    /** To be asked through each host. */
    public String healthUrl() {
        return "http://127.0.0.1:%d/health".formatted(health.getAddress().getPort());
    }

    /** The map below {@code hosts:} of policy.yaml, each line indented by as many spaces. */
    public String policyHosts(int indent) {
        return hosts.stream()
                .map(host -> """
                        %s:
                          address: %s
                          port: %d
                          user: %s
                          host_key: %s
                        """.formatted(host.name(), host.address(), port(), USER, hostKey()))
                .collect(Collectors.joining())
                .indent(indent);
    }

    /** How many connections were begun so far. */
    public int connections() {
        return connections.get();
    }

    private FakeHost host(ServerSession session) {
        String address = ((InetSocketAddress) session.getIoSession().getLocalAddress())
                .getAddress()
                .getHostAddress();
        return byAddress(address);
    }

    private FakeHost byAddress(String address) {
        return host(Integer.parseInt(address.substring(address.lastIndexOf('.') + 1)));
    }

    private void answerHealth(HttpExchange exchange) throws IOException {
        try (exchange) {
            FakeHost asked = byAddress(exchange.getRemoteAddress().getAddress().getHostAddress());
            byte[] body = "{\"version\":\"%s\"}".formatted(asked.version()).getBytes(UTF_8);
            exchange.sendResponseHeaders(asked.isWell() ? 200 : 503, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    /** Tunnels leave from the host's own address, so that who is asked knows on whose behalf. */
    private static final class FromItsOwnAddress extends DirectTcpipFactory {
        @Override
        public Channel createChannel(Session session) throws IOException {
            var channel = new TcpipServerChannel(TcpForwardingFilter.Type.Direct, getExecutorService());
            InetAddress own = ((InetSocketAddress) session.getIoSession().getLocalAddress()).getAddress();
            channel.setLocalAddress(new InetSocketAddress(own, 0));
            return channel;
        }
    }

    @Override
    public void close() {
        health.stop(0);
        healthThreads.close();
        try {
            server.stop(true);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
