package dev.gitopsexecutor.testbed;

import java.util.List;

/**
 * What the policy says of one environment, and where its application listens.
 *
 * @param branch the one that it deploys
 * @param directory on each host
 * @param port of the application, on each host's loopback address
 * @param project of Compose
 */
record EnvironmentSpec(
        String name, String tier, List<TargetHost> hosts, String branch, String directory, int port, String project) {
    EnvironmentSpec {
        hosts = List.copyOf(hosts);
    }

    /** The Vault role that its jobs use. */
    String role() {
        return "shop-" + name;
    }

    /** In Vault's KV mount. */
    String secretPath() {
        return "shop/" + name;
    }
}
