package dev.gitopsexecutor.sandbox;

import dev.gitopsexecutor.model.Endpoint;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The addresses at which a script finds what it may reach. It has no network but loopback, so every name that it knows
 * stands there: services at {@code 127.0.0.1}, each host of the egress list at an address of its own from
 * {@code 127.0.0.2} on.
 */
final class Loopback {
    private static final String SERVICES = "127.0.0.1";
    private static final int FIRST = 2;

    private final Map<String, String> addresses;

    private Loopback(Map<String, String> addresses) {
        this.addresses = addresses;
    }

    static Loopback of(SandboxSpec spec) {
        Map<String, String> addresses = new LinkedHashMap<>();
        for (Endpoint endpoint : spec.egress()) {
            addresses.computeIfAbsent(endpoint.host(), _ -> "127.0.0." + (FIRST + addresses.size()));
        }
        // A service by the name of a host would only hide that host.
        spec.services().forEach(service -> service.aliases().forEach(alias -> addresses.putIfAbsent(alias, SERVICES)));
        return new Loopback(Collections.unmodifiableMap(addresses));
    }

    /** Of that host; throws {@link IllegalArgumentException} when it has none. */
    String address(String host) {
        String address = addresses.get(host);
        if (address == null) {
            throw new IllegalArgumentException(host);
        }
        return address;
    }

    /** Lines of {@code /etc/hosts} in the engine's form: {@code name:address}. */
    String[] hosts() {
        List<String> hosts = new ArrayList<>();
        addresses.forEach((name, address) -> hosts.add(name + ":" + address));
        return hosts.toArray(String[]::new);
    }
}
