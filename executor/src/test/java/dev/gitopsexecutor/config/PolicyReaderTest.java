package dev.gitopsexecutor.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.failure.ExecutorException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a policy says of several places at once. */
class PolicyReaderTest {
    private static final String HOST_KEY =
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHUyrmZVyETAi/nmRlxFzWhqCiEqLDZrWgQVC2JLzQhl";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "10.0.0.1    | 22 | 10.0.0.1    | 22",
                "shop.test   | 22 | Shop.TEST   | 22",
                "fd00::11    | 22 | FD00:0::11  | 22",
                "shop.test   | 22 | shop.test   |   ",
            })
    void refusesTwoEnvironmentsInOneDirectoryOfAHost(
            String one, String port, String other, @Nullable String otherPort) {
        String policy = policy(
                environment("staging", "/opt/shop", host("web-1", one, port)),
                environment("production", "/opt/shop", host("live-1", other, otherPort)));

        assertThat(refusal(policy)).contains("""
                1 problem:
                        policy.yaml:19:31""", """
                : environments.production.hosts.live-1.address: has directory /opt/shop on the same host as \
                environments.staging.hosts.web-1; write another host, or another `directory` in one of the \
                environments""");
    }

    @Test
    void refusesAHostTwiceInOneEnvironment() {
        String policy = policy(environment(
                "staging", "/opt/shop", host("web-1", "10.0.0.1", "22") + ", " + host("web-2", "10.0.0.1", "22")));

        assertThat(refusal(policy)).contains("environments.staging.hosts.web-2.address: has directory /opt/shop on");
    }

    @ParameterizedTest
    @CsvSource({"10.0.0.2, 22, /opt/shop", "10.0.0.1, 2222, /opt/shop", "10.0.0.1, 22, /opt/other"})
    void acceptsEnvironmentsWithSomethingApart(String address, String port, String directory) {
        String policy = policy(
                environment("staging", "/opt/shop", host("web-1", "10.0.0.1", "22")),
                environment("production", directory, host("web-1", address, port)));

        assertThat(refusal(policy)).isEqualTo("accepted");
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.300", "10.1", "10.0.0.010", "1.2.3.4.5", ":::", "1::2::3", "...", "::g"})
    void refusesAddressesOfNoHost(String address) {
        String policy = policy(environment("staging", "/opt/shop", host("web-1", address, "22")));

        assertThat(refusal(policy)).contains("write a DNS name or an IP address");
    }

    private static String policy(String... environments) {
        return "version: 1\nenvironments:\n" + String.join("", environments);
    }

    private static String environment(String name, String directory, String hosts) {
        return """
              %s:
                tier: staging
                projects: [22]
                refs: [refs/heads/main]
                job_images: [job:1]
                images: [shop/app]
                hosts: {%s}
                ssh_key_file: /etc/key
                directory: %s
                vault: {role: shop, paths: [shop]}
            """.formatted(name, hosts, directory);
    }

    private static String host(String name, String address, @Nullable String port) {
        return "%s: {address: '%s', %suser: deploy, host_key: %s}"
                .formatted(name, address, port == null ? "" : "port: %s, ".formatted(port), HOST_KEY);
    }

    private static String refusal(String yaml) {
        try {
            PolicyFile.parse(yaml.getBytes(UTF_8), "policy.yaml");
            return "accepted";
        } catch (ExecutorException refused) {
            return refused.failure().block();
        }
    }
}
