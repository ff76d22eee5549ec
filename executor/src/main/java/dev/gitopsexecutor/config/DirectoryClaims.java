package dev.gitopsexecutor.config;

import dev.gitopsexecutor.policy.HostRule;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Which directory of which host is whose. Two that share one would take each other's release for their own, and put it
 * back when a deploy fails.
 */
final class DirectoryClaims {
    private final Map<Claim, String> places = new HashMap<>();

    private record Claim(String address, int port, String directory) {}

    /** Adds a problem with {@code map}, which {@code host} was read from, when another place has its directory. */
    void add(YamlMap map, HostRule host, String directory) {
        String other = places.putIfAbsent(new Claim(canonical(host.address()), host.port(), directory), map.path());
        if (other != null) {
            map.problem(
                    "address",
                    "has directory %s on the same host as %s; write another host, or another `directory` in one of the"
                                    .formatted(directory, other)
                            + " environments");
        }
    }

    private static String canonical(String address) {
        return address.contains(":")
                ? InetAddress.ofLiteral(address).getHostAddress()
                : address.toLowerCase(Locale.ROOT);
    }
}
