package dev.gitopsexecutor.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.model.HostTrust;
import dev.gitopsexecutor.policy.EnvironmentRule;
import dev.gitopsexecutor.policy.Policy;
import dev.gitopsexecutor.policy.SshRule;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            promotes_from: nowhere | environments.uat.promotes_from: there is no environment "nowhere" here
            promotes_from: live    | environments.uat.promotes_from: "live" is of a higher tier; name the environment
            promotes_from: uat     | environments.uat.promotes_from: leads in a circle; one environment must be the first
            promotes_from: staging | accepted
            promotes_from: none    | accepted
            promotes_from: Staging | "Staging" is not an environment name
            """)
    void refusesWaysThatLeadNowhere(String line, String sentence) {
        String policy = policy(
                environment("staging", "/opt/staging", host("web-1", "10.0.0.1", "22")),
                environment("uat", "/opt/uat", host("web-1", "10.0.0.1", "22")) + "    %s\n".formatted(line),
                environment("live", "/opt/live", host("web-1", "10.0.0.1", "22"))
                                .replace("tier: staging", "tier: production")
                        + "    promotes_from: uat\n");

        assertThat(refusal(policy)).contains(sentence);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            kv_version: 1                                    | accepted
            kv_version: 3                                    | vault.kv_version: "3": write 1 to 2
            paths: [shop/live#key]                           | accepted
            paths: ['shop/live@2#key']                       | vault.paths[0]: "shop/live@2#key": write path#key alone
            paths: ['dynamic:a/b#c']                         | vault.paths[0]: "dynamic:a/b#c": write path#key alone
            dynamic: {role: lasting, paths: [db/creds/shop]} | accepted
            dynamic: {role: shop, paths: [db/creds/shop]}    | vault.dynamic: its role must be another
            dynamic: {role: lasting, paths: []}              | vault.dynamic.paths
            dynamic: {role: lasting, paths: [../creds]}      | vault.dynamic.paths[0]: "../creds": write names
            dynamic: {paths: [db/creds/shop]}                | vault.dynamic.role: missing
            short_secrets: yes                               | vault.short_secrets
            generated: {'shop/live#key': 48}                 | accepted
            generated: {'shop/live#key': 8}                  | "8": write 16 to 1024
            generated: {'shop/live': 48}                     | a secret is written path#key
            generated: {'shop/live@1#key': 48}               | write path#key alone, such as shop/production#session_key
            """)
    void refusesWhatVaultCannotMean(String entry, String sentence) {
        String key = entry.substring(0, entry.indexOf(':'));
        String vault = (key.equals("paths") ? "{role: shop, %s}" : "{role: shop, paths: [shop], %s}").formatted(entry);
        String policy = policy(environment("staging", "/opt/staging", host("web-1", "10.0.0.1", "22"))
                .replace("{role: shop, paths: [shop]}", vault));

        assertThat(refusal(policy)).contains(sentence);
    }

    @Test
    void refusesToGenerateWhereNoOlderValueIsKept() {
        String policy = policy(environment("staging", "/opt/staging", host("web-1", "10.0.0.1", "22"))
                .replace("paths: [shop]", "paths: [shop], kv_version: 1, generated: {\"shop#key\": 48}"));

        assertThat(refusal(policy)).contains("vault.generated: means nothing for a KV engine of version 1");
    }

    @Test
    void refusesALongerCircle() {
        String policy = policy(
                environment("staging", "/opt/staging", host("web-1", "10.0.0.1", "22")) + "    promotes_from: uat\n",
                environment("uat", "/opt/uat", host("web-1", "10.0.0.1", "22")) + "    promotes_from: staging\n");

        assertThat(refusal(policy)).contains("environments.staging.promotes_from: leads in a circle");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            from: '2026-12-23 18:00', until: '2026-12-23 18:00' | until: write a later time of the same kind as `from`
            from: '2026-12-23 18:00', until: 'mon 06:00'        | until: write a later time of the same kind as `from`
            from: 'mon 06:00', until: '2026-12-23 18:00'        | until: write a later time of the same kind as `from`
            from: 'fri 16:00', until: 'fri 16:00'               | until: write a later time of the same kind as `from`
            from: '2026-13-23 18:00', until: 'mon 06:00'        | from: "2026-13-23 18:00": there is no such time
            from: 'fri 24:00', until: 'mon 06:00'               | from: "fri 24:00": there is no such time
            from: 'Fri 16:00', until: 'mon 06:00'               | from: "Fri 16:00": write a date such as
            from: 'fri 16:00', until: 'mon 06:00', timezone: CET+1 | timezone: "CET+1": write a time zone such as
            from: 'fri 16:00'                                   | until: missing
            from: 'mon 06:00', until: 'fri 16:00', timezone: Europe/Berlin | accepted
            """)
    void refusesFreezesOfNoTime(String keys, String sentence) {
        String policy = policy(environment("staging", "/opt/staging", host("web-1", "10.0.0.1", "22"))
                + "    freezes: {late: {%s}}\n".formatted(keys));

        assertThat(refusal(policy)).contains(sentence.equals("accepted") ? sentence : "freezes.late." + sentence);
    }

    @Test
    void refusesToNeedGitLabAndToDoWithoutIt() {
        String policy = policy(environment("staging", "/opt/staging", host("web-1", "10.0.0.1", "22"))
                + "    start: manual\n    without_gitlab: allow\n");

        assertThat(refusal(policy)).contains("without_gitlab: contradicts `start: manual`");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "egress: ['pypi.org:443', 'registry:5000'] | accepted",
                "egress: [] | egress: the list is empty",
                "egress: ['10.0.0.1:443'] | egress[0]: \"10.0.0.1:443\": write a DNS name: an address, or localhost",
                "egress: ['*:443'] | egress[0]: \"*:443\": write a DNS name in lower case and a port",
                "egress: ['pypi.org:443', 'pypi.org:443'] | egress: an entry stands there twice; keep one",
                "service_images: [postgres] | service_images[0]: \"postgres\": write the tag or the digest too",
                "service_images: ['postgres:16'] | accepted",
                "require_apparmor: maybe | require_apparmor: ",
                "require_user_namespace: true | accepted",
                "privileged: true | privileged: unknown key",
                "limits: {swap: 1GiB} | limits.swap: unknown key"
            })
    void widensTheContainersOfAJobWithinBoundsOnly(String line, String sentence) {
        String policy =
                policy(environment("staging", "/opt/staging", host("web-1", "10.0.0.1", "22")) + "    " + line + "\n");

        assertThat(refusal(policy)).contains(sentence);
    }

    @Test
    void hasAWayOutToThirtyTwoPlacesAtMost() {
        String many =
                IntStream.rangeClosed(1, 33).mapToObj("\"h%d:443\""::formatted).collect(Collectors.joining(", "));
        String policy = policy(environment("staging", "/opt/staging", host("web-1", "10.0.0.1", "22"))
                + "    egress: [%s]\n".formatted(many));

        assertThat(refusal(policy)).contains("egress: 33 entries; write at most 32");
    }

    @Test
    void knowsHowToLogInAndWhomToTrust() {
        String two = environment("staging", "/opt/shop", host("web-1", "10.0.0.1", null))
                + environment("live", "/opt/live", host("web-2", "10.0.0.2", null))
                        .replace("ssh_key_file: /etc/key", "ssh_key_secret: ops/ssh#key")
                        .replace("host_key: ", "host_ca: ")
                + environment("uat", "/opt/uat", host("web-3", "10.0.0.3", null))
                        .replace("ssh_key_file: /etc/key", "ssh_certificate: {role: shop}");
        Policy policy =
                PolicyFile.parse(policy(two).getBytes(UTF_8), "policy.yaml").policy();

        assertThat(rule(policy, "staging").ssh()).isEqualTo(new SshRule.KeyFile(Path.of("/etc/key")));
        assertThat(rule(policy, "live").ssh()).isEqualTo(new SshRule.KeySecret("ops/ssh", "key"));
        assertThat(rule(policy, "uat").ssh()).isEqualTo(new SshRule.Certificate("ssh", "shop"));
        assertThat(rule(policy, "staging").hosts().getFirst().trust()).isEqualTo(new HostTrust.PinnedKey(HOST_KEY));
        assertThat(rule(policy, "live").hosts().getFirst().trust())
                .isEqualTo(new HostTrust.CertificateAuthority(HOST_KEY));
    }

    @Test
    void needsAWayBackInProductionUnlessItSaysOtherwise() {
        String production = environment("live", "/opt/live", host("web-2", "10.0.0.2", null))
                        .replace("tier: staging", "tier: production")
                + "    promotes_from: none\n";
        String three = environment("staging", "/opt/shop", host("web-1", "10.0.0.1", null))
                + production
                + production.replace("live:", "other:").replace("/opt/live", "/opt/other")
                + "    way_back: best_effort\n";
        Policy policy =
                PolicyFile.parse(policy(three).getBytes(UTF_8), "policy.yaml").policy();

        assertThat(rule(policy, "staging").wayBackRequired()).isFalse();
        assertThat(rule(policy, "live").wayBackRequired()).isTrue();
        assertThat(rule(policy, "other").wayBackRequired()).isFalse();
    }

    private static EnvironmentRule rule(Policy policy, String name) {
        return Objects.requireNonNull(policy.environments().get(new EnvironmentName(name)));
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
