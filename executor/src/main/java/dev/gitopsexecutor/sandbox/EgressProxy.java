package dev.gitopsexecutor.sandbox;

import dev.gitopsexecutor.model.Endpoint;
import java.util.List;

/**
 * The way out of a script: two haproxies that meet at Unix sockets in a volume that only they have. The inner one listens
 * in the script's network, which is loopback alone, at the address that the script takes for the host's. The outer one
 * has a network, resolves the host's name and connects to it. There is one listener for each entry of the list, so
 * neither can be talked into another host or port, whatever protocol is spoken; and the script needs no proxy settings.
 *
 * @see <a href="https://docs.haproxy.org/2.6/configuration.html">haproxy's configuration</a>
 */
final class EgressProxy {
    /** In both containers. */
    static final String MEETING = "/egress";

    /** A name that leads to one of these would be the proxy itself, the cloud's metadata, or no single host. */
    private static final String NO_HOSTS = "0.0.0.0/8 127.0.0.0/8 169.254.0.0/16 224.0.0.0/3";

    private static final String COMMON = """
            global
              maxconn 400
              nbthread 1
            defaults
              mode tcp
              maxconn 400
              timeout connect 10s
              timeout client 1h
              timeout server 1h
            """;

    /** Gets the configuration and the seconds to live. No script runs beside it, so it needs no keeper. */
    private static final String START = """
            printf '%s' "$0" > /tmp/haproxy.cfg
            exec timeout "$1" haproxy -q -f /tmp/haproxy.cfg
            """;

    /** Prints a line for each socket of the outer half. */
    static final List<String> MEETINGS =
            List.of("sh", "-c", "for socket in \"$0\"/*.sock; do [ ! -S \"$socket\" ] || echo; done", MEETING);

    private EgressProxy() {}

    static List<String> command(String configuration, long seconds) {
        return List.of("sh", "-c", START, configuration, Long.toString(seconds));
    }

    static String inside(List<Endpoint> endpoints, Loopback loopback) {
        StringBuilder text = new StringBuilder(COMMON);
        for (int number = 0; number < endpoints.size(); number++) {
            Endpoint endpoint = endpoints.get(number);
            text.append("""
                    listen to%d
                      bind %s:%d
                      server outside unix@%s
                    """.formatted(number, loopback.address(endpoint.host()), endpoint.port(), socket(number)));
        }
        return text.toString();
    }

    static String outside(List<Endpoint> endpoints) {
        StringBuilder text = new StringBuilder(COMMON);
        text.append("""
                resolvers engine
                  parse-resolv-conf
                  hold valid 10s
                """);
        for (int number = 0; number < endpoints.size(); number++) {
            Endpoint endpoint = endpoints.get(number);
            text.append("""
                    listen to%d
                      bind unix@%s mode 600
                      tcp-request inspect-delay 10s
                      tcp-request content do-resolve(sess.address,engine,ipv4) str(%s)
                      tcp-request content reject if !{ var(sess.address) -m found }
                      tcp-request content reject if { var(sess.address) -m ip %s }
                      tcp-request content set-dst var(sess.address)
                      tcp-request content set-dst-port int(%d)
                      server there 0.0.0.0:0
                    """.formatted(number, socket(number), endpoint.host(), NO_HOSTS, endpoint.port()));
        }
        return text.toString();
    }

    private static String socket(int number) {
        return "%s/%d.sock".formatted(MEETING, number);
    }
}
