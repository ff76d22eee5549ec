package dev.gitopsexecutor.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.Network.Ipam;
import dev.gitopsexecutor.model.Endpoint;
import dev.gitopsexecutor.model.Role;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a script reaches, with a way out and without, on a real engine. */
@Timeout(120)
class EgressIT {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    /** Says who it is before it is asked anything, as sshd and databases do. */
    private static final String SERVER = """
            use IO::Socket::INET;
            my $server = IO::Socket::INET->new(LocalPort => $ARGV[0], Listen => 5, ReuseAddr => 1) or die $!;
            while (my $client = $server->accept) { print $client "I am $ARGV[1]\n"; close $client; }
            """;

    private final List<String> containers = new ArrayList<>();
    private RealSandbox real;
    private String network;

    @BeforeEach
    void prepare() {
        network = "gitops-test-" + ProcessHandle.current().pid();
        real = new RealSandbox(network);
    }

    @AfterEach
    void remove() {
        if (real != null) {
            real.close();
            try (Engine engine = new Engine(new EngineSocket(RealSandbox.SOCKET))) {
                containers.forEach(name -> engine.call("remove", LIMIT, docker -> {
                    docker.removeContainerCmd(name).withForce(true).exec();
                    return true;
                }));
                engine.find("remove", LIMIT, docker -> {
                    docker.removeNetworkCmd(network).exec();
                    return true;
                });
            }
        }
    }

    @Test
    void listedEndpointIsReachedByNameWhoeverSpeaksFirst() {
        startWithWayOut("198.51.100.0/24", "there.test:7000", "there.test:443");

        assertThat(connect("there.test", 7000)).isEqualTo("I am there.test:7000\n");
        assertThat(connect("there.test", 443)).isEqualTo("I am there.test:443\n");
        assertThat(real.log()).contains("the script's way out: there.test:7000, there.test:443");
    }

    @Test
    void nothingElseIsReached() {
        startWithWayOut("198.51.100.0/24", "there.test:7000");
        Map<String, List<String>> others = Map.ofEntries(
                Map.entry("another port of a listed host", List.of("there.test", "7001")),
                Map.entry("a neighbour by name", List.of("neighbour.test", "7000")),
                Map.entry("a neighbour by address", List.of("198.51.100.20", "7000")),
                Map.entry("the listed host by its address", List.of("198.51.100.10", "7000")),
                Map.entry("the gateway, which is the machine", List.of("198.51.100.1", "7000")),
                Map.entry("the default bridge's gateway", List.of("172.17.0.1", "22")),
                Map.entry("the cloud's metadata", List.of("169.254.169.254", "80")),
                Map.entry("link-local IPv6", List.of("fe80::1%lo", "7000")),
                Map.entry("global IPv6", List.of("2001:db8::1", "7000")),
                Map.entry("IPv4 within IPv6", List.of("::ffff:198.51.100.20", "7000")),
                Map.entry("a name of the internet", List.of("example.com", "443")));

        others.forEach((what, where) -> assertThat(connect(where.getFirst(), Integer.parseInt(where.getLast())))
                .as(what)
                .isEqualTo("refused\n"));
    }

    @Test
    void noDatagramLeaves() {
        startWithWayOut("198.51.100.0/24", "there.test:7000");

        RealSandbox.Result result = real.run(Role.JOB, """
                for address in 198.51.100.1 198.51.100.20 127.0.0.11 8.8.8.8; do
                  perl -MIO::Socket::INET -e '
                    my $socket = IO::Socket::INET->new(PeerAddr => $ARGV[0], PeerPort => 53, Proto => "udp");
                    my $sent = $socket && $socket->send("x" x 20);
                    $sent = $socket->send("x" x 20) if $sent;
                    print $sent ? "sent to $ARGV[0]\n" : "";' $address
                done
                getent hosts neighbour.test || echo unknown
                """);

        assertThat(result.out()).as(result.err()).isEqualTo("unknown\n");
    }

    @Test
    void listedNameThatLeadsToLinkLocalIsNotFollowed() {
        startWithWayOut("169.254.77.0/24", "there.test:7000");

        assertThat(connect("there.test", 7000)).isEmpty();
    }

    @Test
    void listedNameThatNobodyKnowsIsClosedAndNoOtherSuffers() {
        startWithWayOut("198.51.100.0/24", "nowhere.test:7000", "there.test:7000");

        assertThat(connect("nowhere.test", 7000)).isEmpty();
        assertThat(connect("there.test", 7000)).isEqualTo("I am there.test:7000\n");
    }

    @Test
    void scriptHasNoHandOnTheProxy() {
        startWithWayOut("198.51.100.0/24", "there.test:7000");

        RealSandbox.Result result = real.run(Role.JOB, """
                ls /egress 2>/dev/null && echo "the proxies' directory"
                for process in /proc/[0-9]*; do
                  read -r name < "$process/comm" && echo "$name"
                done
                kill -KILL -1
                """);

        assertThat(result.out()).contains("bash").doesNotContain("haproxy", "directory");
        assertThat(connect("there.test", 7000)).isEqualTo("I am there.test:7000\n");
    }

    @Test
    void withoutAListNothingIsReached() throws IOException {
        real.start();
        try (ServerSocket machine = new ServerSocket(0)) {
            assertThat(connect("172.17.0.1", machine.getLocalPort())).isEqualTo("refused\n");
            assertThat(connect("127.0.0.1", machine.getLocalPort())).isEqualTo("refused\n");
        }
        assertThat(connect("169.254.169.254", 80)).isEqualTo("refused\n");
        assertThat(connect("example.com", 443)).isEqualTo("refused\n");
    }

    private void startWithWayOut(String subnet, String... endpoints) {
        String prefix = subnet.substring(0, subnet.lastIndexOf('.') + 1);
        real.engine.call(
                "create",
                LIMIT,
                docker -> docker.createNetworkCmd()
                        .withName(network)
                        .withIpam(new Ipam().withConfig(new Ipam.Config().withSubnet(subnet)))
                        .exec());
        server("there.test", prefix + 10, 7000, 7001, 443);
        server("neighbour.test", prefix + 20, 7000);
        real.start(RealSandbox.spec(
                List.of(), List.of(endpoints).stream().map(Endpoint::parse).toList()));
    }

    private void server(String name, String address, int... ports) {
        String container = "%s-%s".formatted(network, name);
        StringBuilder script = new StringBuilder();
        for (int port : ports) {
            script.append("perl -e '%s' %d %s:%2$d &\n".formatted(SERVER, port, name));
        }
        containers.add(container);
        String id = real.engine
                .call(
                        "create",
                        LIMIT,
                        docker -> docker.createContainerCmd(RealSandbox.JOB_IMAGE.toString())
                                .withName(container)
                                .withAliases(name)
                                .withIpv4Address(address)
                                .withHostConfig(HostConfig.newHostConfig().withNetworkMode(network))
                                .withCmd("sh", "-c", script + "sleep 300")
                                .exec())
                .getId();
        real.engine.call("start", LIMIT, docker -> {
            docker.startContainerCmd(id).exec();
            return true;
        });
    }

    /** What the other side says to the script, or that nobody let it connect. */
    private String connect(String host, int port) {
        RealSandbox.Result result = real.run(Role.JOB, """
                (exec 3<>"/dev/tcp/%s/%d" && timeout 15 cat <&3) 2>/dev/null || echo refused
                """.formatted(host, port));
        return result.out();
    }
}
