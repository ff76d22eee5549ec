package dev.gitopsexecutor.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.HostTrust;
import dev.gitopsexecutor.model.ProjectId;
import dev.gitopsexecutor.policy.EnvironmentRule.DynamicRule;
import dev.gitopsexecutor.policy.EnvironmentRule.VaultRule;
import dev.gitopsexecutor.policy.PolicyLint.Remark;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyLintTest {
    private static final String PINNED = "job@sha256:" + "0".repeat(64);

    @Test
    void saysNothingOfEnvironmentsThatAreApart() {
        assertThat(lint(
                        production("refs/heads/main", PINNED, Optional.empty()),
                        other("10.0.0.2", "other", "other", "kv", "shop/staging")))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"refs/heads/*", "refs/heads/*/*", "refs/tags/*"})
    void productionFromEveryRefIsNone(String ref) {
        assertThat(lint(production(ref, PINNED, Optional.empty())))
                .containsExactly(new Remark(
                        "environments.production.refs",
                        ref + " is every name; write the ones that production is deployed from"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"refs/heads/release-*", "refs/tags/v*", "refs/heads/release/*"})
    void productionFromSomeRefsIsMeant(String ref) {
        assertThat(lint(production(ref, PINNED, Optional.empty()))).isEmpty();
    }

    @Test
    void aUserAloneIsNotEnoughForProduction() {
        var starters = Optional.of(new People(Set.of(5L), Set.of()));

        assertThat(lint(production("refs/heads/*", PINNED, starters)))
                .extracting(Remark::sentence)
                .containsExactly(
                        "refs/heads/* is every name, so that only who starts the job would count, and a user can be"
                                + " impersonated; write the ones that production is deployed from");
    }

    @Test
    void aTagInProductionCanBeMoved() {
        assertThat(lint(production("refs/heads/main", "job:1", Optional.empty())))
                .containsExactly(new Remark(
                        "environments.production.job_images",
                        "job:1 can become another image; write it with its digest, job:1@sha256:…"));
    }

    @Test
    void nothingOfProductionIsSharedWithAnotherTier() {
        assertThat(lint(
                        production("refs/heads/main", PINNED, Optional.empty()),
                        other("10.0.0.1", "key", "role", "kv", "shop")))
                .containsExactly(
                        new Remark(
                                "environments.other.ssh_key_file",
                                "is also that of production; give it a key of its own"),
                        new Remark(
                                "environments.other.vault.role",
                                "is also that of production; give it a role of its own"),
                        new Remark(
                                "environments.other.hosts",
                                "has a host of production; a job of this tier acts there too"),
                        new Remark(
                                "environments.other.vault.paths",
                                "reaches secrets of production; name the paths of this environment alone"));
    }

    @Test
    void noTierMakesSecretsOfProduction() {
        RuleBuilder production = new RuleBuilder("production").jobImages(PINNED).vault(dynamic("database/creds/shop"));
        RuleBuilder other = new RuleBuilder("other")
                .tier(Tier.STAGING)
                .startedAutomatically()
                .withoutPromotion()
                .jobImages("job:1")
                .hosts(host("10.0.0.2"))
                .ssh(new SshRule.KeyFile(Path.of("/other")));

        assertThat(lint(
                        production.build(),
                        other.vault(dynamic("database/creds/other", "database/creds/shop"))
                                .build()))
                .extracting(Remark::path)
                .contains("environments.other.vault.dynamic");
        assertThat(lint(
                        production.build(),
                        other.vault(dynamic("database/creds/other")).build()))
                .extracting(Remark::path)
                .doesNotContain("environments.other.vault.dynamic");
    }

    private static VaultRule dynamic(String... paths) {
        return new VaultRule(
                "role",
                "kv",
                2,
                List.of("shop/" + paths.length),
                Optional.of(new DynamicRule("lasting", List.of(paths))),
                false,
                new TreeMap<>());
    }

    @Test
    void aPathThatIsAllowedReachesEachKeyOfIt() {
        assertThat(lint(
                        production("refs/heads/main", PINNED, Optional.empty(), "shop/production#key"),
                        other("10.0.0.2", "other", "other", "kv", "shop/production")))
                .extracting(Remark::path)
                .containsExactly("environments.other.vault.paths");
        assertThat(lint(
                        production("refs/heads/main", PINNED, Optional.empty(), "shop/production#key"),
                        other("10.0.0.2", "other", "other", "kv", "shop/production#other")))
                .isEmpty();
    }

    @Test
    void aKeyOrARoleInVaultIsNotSharedWithProductionEither() {
        SshRule key = new SshRule.KeySecret("ssh/shop", "key");
        SshRule role = new SshRule.Certificate("ssh", "shop");

        assertThat(lint(production(key), other(key, "kv")))
                .containsExactly(new Remark(
                        "environments.other.ssh_key_secret", "is also that of production; give it a key of its own"));
        assertThat(lint(production(key), other(key, "kv2"))).isEmpty();
        assertThat(lint(production(role), other(role, "kv2")))
                .containsExactly(new Remark(
                        "environments.other.ssh_certificate", "is also that of production; give it a role of its own"));
        assertThat(lint(production(role), other(new SshRule.Certificate("ssh2", "shop"), "kv")))
                .isEmpty();
    }

    @Test
    void aCaOfCertificatesIsOneTiersAlone() {
        assertThat(lint(
                        production(new SshRule.Certificate("ssh", "shop-production")),
                        other(new SshRule.Certificate("ssh", "shop-staging"), "kv2")))
                .containsExactly(new Remark(
                        "environments.other.ssh_certificate",
                        "is of the CA of production and for a user whom its hosts have; give it a mount of its own"));
    }

    @Test
    void remarksOnAnSshKeyThatAJobCouldNameAsASecret() {
        assertThat(lint(
                        production(new SshRule.KeySecret("shop/production/ssh", "key")),
                        other(new SshRule.KeySecret("shop/staging", "ssh_key"), "kv")))
                .extracting(Remark::path, Remark::sentence)
                .containsExactly(
                        tuple(
                                "environments.other.vault.paths",
                                "reaches the SSH key of other, so that a release can have it; move the key elsewhere"),
                        tuple(
                                "environments.production.vault.paths",
                                "reaches the SSH key of production, so that a release can have it; move the key"
                                        + " elsewhere"));
        assertThat(lint(production(new SshRule.KeySecret("shop/production-ssh", "key"))))
                .isEmpty();
    }

    @Test
    void pathsOfAnotherMountAndNamesThatBeginAlikeAreApart() {
        EnvironmentRule production = production("refs/heads/main", PINNED, Optional.empty());

        assertThat(lint(production, other("10.0.0.2", "other", "other", "kv2", "shop/production")))
                .isEmpty();
        assertThat(lint(production, other("10.0.0.2", "other", "other", "kv", "shop/prod")))
                .isEmpty();
        assertThat(lint(production, other("10.0.0.2", "other", "other", "kv", "shop/production")))
                .hasSize(1);
    }

    @Test
    void remarksOnProductionThatNobodyLooksAtBefore() {
        EnvironmentRule lax = new RuleBuilder("production")
                .jobImages(PINNED)
                .startedAutomatically()
                .withoutPromotion()
                .build();

        assertThat(lint(lax))
                .extracting(Remark::path, Remark::sentence)
                .containsExactly(
                        tuple(
                                "environments.production.start",
                                "automatic: nobody looks before production changes; remove the line"),
                        tuple(
                                "environments.production.promotes_from",
                                "none: what comes here was proven nowhere before; name the tier below"));
    }

    @Test
    void remarksOnAWayThatNothingCanTake() {
        EnvironmentRule staging = new RuleBuilder("staging")
                .tier(Tier.STAGING)
                .projects(new ProjectId(22))
                .startedAutomatically()
                .withoutPromotion()
                .hosts(host("10.0.0.9"))
                .ssh(new SshRule.KeyFile(Path.of("/other")))
                .build();
        RuleBuilder production = new RuleBuilder("production").jobImages(PINNED);

        assertThat(lint(staging, production.build())).isEmpty();
        assertThat(lint(
                        staging,
                        production
                                .projects(new ProjectId(22), new ProjectId(23))
                                .build()))
                .extracting(Remark::path, Remark::sentence)
                .containsExactly(tuple(
                        "environments.production.promotes_from",
                        "has not all projects of this environment; nothing of the others can ever come here"));
    }

    @ParameterizedTest
    @CsvSource({"ssh, deploy, true", "ssh, other, false", "ssh2, deploy, false"})
    void aCertificateOpensEveryHostThatTrustsItsAuthority(String mount, String user, boolean shared) {
        HostRule host =
                new HostRule(new HostName("web-2"), "10.0.0.2", 22, user, new HostTrust.PinnedKey("ssh-ed25519 AAAA"));
        EnvironmentRule other = new RuleBuilder("other")
                .tier(Tier.STAGING)
                .startedAutomatically()
                .withoutPromotion()
                .jobImages("job:1")
                .hosts(List.of(host))
                .ssh(new SshRule.Certificate(mount, "another"))
                .vault(RuleBuilder.vault("other", "kv", "shop/staging"))
                .build();

        assertThat(lint(production(new SshRule.Certificate("ssh", "shop")), other))
                .extracting(Remark::path)
                .containsExactlyElementsOf(shared ? List.of("environments.other.ssh_certificate") : List.of());
        assertThat(lint(production(new SshRule.KeyFile(Path.of("/key"))), other))
                .isEmpty();
    }

    private static List<Remark> lint(EnvironmentRule... rules) {
        return PolicyLint.of(
                new Policy(Arrays.stream(rules).collect(Collectors.toMap(EnvironmentRule::name, rule -> rule))));
    }

    private static EnvironmentRule production(SshRule ssh) {
        return new RuleBuilder("production")
                .jobImages(PINNED)
                .hosts(host("10.0.0.1"))
                .ssh(ssh)
                .vault(RuleBuilder.vault("role", "kv", "shop/production"))
                .build();
    }

    private static EnvironmentRule other(SshRule ssh, String mount) {
        return new RuleBuilder("other")
                .tier(Tier.STAGING)
                .startedAutomatically()
                .withoutPromotion()
                .jobImages("job:1")
                .hosts(host("10.0.0.2"))
                .ssh(ssh)
                .vault(RuleBuilder.vault("other", mount, "shop/staging"))
                .build();
    }

    private static EnvironmentRule production(String ref, String jobImage, Optional<People> starters) {
        return production(ref, jobImage, starters, "shop/production");
    }

    private static EnvironmentRule production(String ref, String jobImage, Optional<People> starters, String path) {
        RuleBuilder rule = new RuleBuilder("production")
                .refs(ref)
                .jobImages(jobImage)
                .hosts(host("10.0.0.1"))
                .ssh(new SshRule.KeyFile(Path.of("/key")))
                .vault(RuleBuilder.vault("role", "kv", path));
        starters.ifPresent(rule::starters);
        return rule.build();
    }

    private static EnvironmentRule other(String address, String key, String role, String mount, String path) {
        return new RuleBuilder("other")
                .tier(Tier.STAGING)
                .startedAutomatically()
                .withoutPromotion()
                .refs("refs/heads/*")
                .jobImages("job:1")
                .hosts(host(address))
                .ssh(new SshRule.KeyFile(Path.of("/" + key)))
                .vault(RuleBuilder.vault(role, mount, path))
                .build();
    }

    private static List<HostRule> host(String address) {
        return List.of(new HostRule(
                new HostName("web-1"), address, 22, "deploy", new HostTrust.PinnedKey("ssh-ed25519 AAAA")));
    }
}
