package dev.gitopsexecutor.testbed;

import java.util.List;

/**
 * What the policy says of one environment, and where its application listens.
 *
 * @param branch the one that it deploys
 * @param directory on each host
 * @param port of the application, on each host's loopback address
 * @param project of Compose
 * @param rules further lines of policy.yaml
 */
record EnvironmentSpec(
        String name,
        String tier,
        List<TargetHost> hosts,
        String branch,
        String directory,
        int port,
        String project,
        List<String> rules) {
    EnvironmentSpec {
        hosts = List.copyOf(hosts);
        rules = List.copyOf(rules);
    }

    /** Of no further rules; in production of none of those either that hold there by default. */
    EnvironmentSpec(
            String name,
            String tier,
            List<TargetHost> hosts,
            String branch,
            String directory,
            int port,
            String project) {
        this(
                name,
                tier,
                hosts,
                branch,
                directory,
                port,
                project,
                tier.equals("production") ? List.of("promotes_from: none", "start: automatic") : List.of());
    }

    EnvironmentSpec withRules(String... lines) {
        return new EnvironmentSpec(name, tier, hosts, branch, directory, port, project, List.of(lines));
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
