package dev.gitopsexecutor.config;

import dev.gitopsexecutor.model.Endpoint;
import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.HostTrust;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.ProjectId;
import dev.gitopsexecutor.policy.CheckRule;
import dev.gitopsexecutor.policy.EnvironmentRule;
import dev.gitopsexecutor.policy.EnvironmentRule.DynamicRule;
import dev.gitopsexecutor.policy.EnvironmentRule.RegistryRule;
import dev.gitopsexecutor.policy.EnvironmentRule.VaultRule;
import dev.gitopsexecutor.policy.Gates;
import dev.gitopsexecutor.policy.HostRule;
import dev.gitopsexecutor.policy.ImageRule;
import dev.gitopsexecutor.policy.JobConditions;
import dev.gitopsexecutor.policy.JobLimits;
import dev.gitopsexecutor.policy.NotifyRule;
import dev.gitopsexecutor.policy.People;
import dev.gitopsexecutor.policy.Policy;
import dev.gitopsexecutor.policy.Role;
import dev.gitopsexecutor.policy.RolloutRule;
import dev.gitopsexecutor.policy.SandboxRule;
import dev.gitopsexecutor.policy.SecretAgeRule;
import dev.gitopsexecutor.policy.SshRule;
import dev.gitopsexecutor.policy.Tier;
import dev.gitopsexecutor.secrets.SecretRef;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Makes a {@link Policy} of its file. */
final class PolicyReader {
    private static final Pattern REF = Pattern.compile("refs/[^\\s\\p{Cntrl}?\\[\\]^~:\\\\]+");
    private static final Pattern DNS_NAME = Pattern.compile("[a-zA-Z0-9](?:[a-zA-Z0-9.-]{0,251}[a-zA-Z0-9])?");
    private static final Pattern IP_V4 = Pattern.compile("[0-9.]+");
    private static final Pattern IP_V6 = Pattern.compile("[0-9a-fA-F]*:[0-9a-fA-F:]+");
    private static final Pattern USER = Pattern.compile("[a-z_][a-z0-9_-]{0,31}");
    private static final Pattern ROLE = Pattern.compile("[a-zA-Z0-9_.-]{1,128}");
    private static final Pattern REGISTRY =
            Pattern.compile("[a-zA-Z0-9](?:[a-zA-Z0-9.-]{0,251}[a-zA-Z0-9])?(?::[0-9]{1,5})?");

    private static final YamlType<String> VAULT_ROLE = Texts.matching(ROLE, "the name of a role");

    /** In characters; 16 of 62 kinds are 95 bits. */
    private static final YamlType<Long> GENERATED_LENGTH = YamlType.integer(16, 1024);

    private static final YamlType<Long> ID = YamlType.integer(1, Long.MAX_VALUE - 1);

    /** GitLab's words; its newer ones are accepted too. */
    private static final YamlType<String> SOURCE = Texts.matching(
            Pattern.compile("[a-z][a-z_]{0,63}"), "a pipeline source in GitLab's words, such as push or web");

    /** A push to the ref, or somebody in GitLab's pages. */
    private static final List<String> DEFAULT_SOURCES = List.of("push", "web");

    private static final YamlType<ImageRef> IMAGE = YamlType.text(text -> {
        ImageRef image = ImageRef.parse(text);
        if (image.tag().isEmpty() && image.digest().isEmpty()) {
            throw new IllegalArgumentException("write the tag or the digest too");
        }
        return image;
    });

    /** Each stands in the container's /etc/hosts and has a listener. */
    private static final int MAX_EGRESS = 32;

    /** What becomes of a deploy that could not be undone, because images of the release before are gone. */
    private enum WayBack {
        /** It is refused. */
        REQUIRED,
        /** It is warned of. */
        BEST_EFFORT
    }

    private PolicyReader() {}

    static Optional<Policy> read(YamlMap root) {
        int before = root.problems().count();
        Map<EnvironmentName, EnvironmentRule> rules = new HashMap<>();
        DirectoryClaims claims = new DirectoryClaims();
        PromotionWays ways = new PromotionWays();
        var _ = root.required("version", ExecutorConfigReader.VERSION);
        var _ = root.requiredMap("environments", map -> {
            if (map.isEmpty()) {
                root.problem("environments", "there is no environment, so nobody may deploy; write at least one");
            }
            map.eachMap(
                    EnvironmentName::new,
                    (name, environment) ->
                            environment(name, environment, claims, ways).ifPresent(rule -> rules.put(name, rule)));
            return Optional.of(map);
        });
        ways.check();
        root.end();
        return root.problems().ifNoneSince(before, () -> new Policy(rules));
    }

    private static Optional<EnvironmentRule> environment(
            EnvironmentName name, YamlMap map, DirectoryClaims claims, PromotionWays ways) {
        int before = map.problems().count();
        Optional<Tier> tier = map.required("tier", YamlType.oneOf(Tier.values()));
        Optional<JobConditions> jobs = conditions(map, tier.orElse(Tier.PRODUCTION));
        Optional<Gates> gates = GatesReader.read(name, map, tier.orElse(Tier.PRODUCTION), ways);
        Optional<SandboxRule> sandbox = sandbox(map);
        List<String> images = map.list("images", repository());
        Optional<String> directory = map.required("directory", YamlType.text(Texts::absolute));
        List<HostRule> hosts = new ArrayList<>();
        var _ = map.requiredMap("hosts", entries -> {
            if (entries.isEmpty()) {
                map.problem("hosts", "there is no host; write at least one");
            }
            entries.eachMap(
                    HostName::new,
                    (host, entry) -> host(host, entry).ifPresent(rule -> {
                        hosts.add(rule);
                        directory.ifPresent(path -> claims.add(entry, rule, path));
                    }));
            return Optional.of(entries);
        });
        Optional<SshRule> ssh = SshReader.identity(map);
        Optional<VaultRule> vault = map.requiredMap("vault", PolicyReader::vault);
        Optional<RegistryRule> registry = map.optionalMap("registry", PolicyReader::registry);
        SecretAgeRule secretAge =
                map.optionalMap("secret_age", SecretAgeReader::read).orElse(SecretAgeRule.DEFAULT);
        RolloutRule rollout = map.optionalMap("rollout", RolloutReader::read).orElse(RolloutRule.DEFAULT);
        if (rollout.canary() > 0 && rollout.canary() >= hosts.size()) {
            map.problem(
                    "rollout",
                    "a canary of %d leaves none of %d hosts to come after it; write less or remove it"
                            .formatted(rollout.canary(), hosts.size()));
        }
        WayBack wayBack = map.optional(
                "way_back",
                YamlType.oneOf(WayBack.values()),
                tier.orElse(Tier.PRODUCTION) == Tier.PRODUCTION ? WayBack.REQUIRED : WayBack.BEST_EFFORT);
        CheckRule checks = map.optionalMap("checks", CheckRuleReader::read).orElse(CheckRule.DEFAULT);
        List<NotifyRule> notify = NotifyReader.read(map);
        map.end();
        return map.problems()
                .ifNoneSince(
                        before,
                        () -> new EnvironmentRule(
                                name,
                                tier.orElseThrow(),
                                jobs.orElseThrow(),
                                gates.orElseThrow(),
                                sandbox.orElseThrow(),
                                images,
                                hosts,
                                ssh.orElseThrow(),
                                directory.orElseThrow(),
                                vault.orElseThrow(),
                                registry,
                                secretAge,
                                rollout,
                                wayBack == WayBack.REQUIRED,
                                checks,
                                notify));
    }

    private static Optional<JobConditions> conditions(YamlMap map, Tier tier) {
        int before = map.problems().count();
        List<Long> projects = map.list("projects", ID);
        List<Long> namespaces = map.optionalList("namespaces", ID, List.of());
        List<String> refs = map.list("refs", ref());
        boolean protectedRef = map.optional("require_protected_ref", YamlType.BOOLEAN, true);
        boolean protectedEnvironment = map.optional("require_protected_environment", YamlType.BOOLEAN, false);
        boolean ownCiConfig = map.optional("require_own_ci_config", YamlType.BOOLEAN, true);
        Set<String> sources = Set.copyOf(map.optionalList("pipeline_sources", SOURCE, DEFAULT_SOURCES));
        if (tier == Tier.PRODUCTION) {
            keepTrue(map, "require_protected_ref", protectedRef);
            keepTrue(map, "require_own_ci_config", ownCiConfig);
            if (sources.contains("merge_request_event")) {
                map.problem(
                        "pipeline_sources",
                        "merge_request_event runs what nobody has merged; remove it from production");
            }
        }
        Optional<People> starters = map.optionalMap("starters", PolicyReader::people);
        Optional<People> rollbacks = map.optionalMap("rollbacks", PolicyReader::people);
        List<ImageRef> jobImages = map.list("job_images", IMAGE);
        return map.problems()
                .ifNoneSince(
                        before,
                        () -> new JobConditions(
                                Set.copyOf(projects.stream().map(ProjectId::new).toList()),
                                namespaces.isEmpty() ? Optional.empty() : Optional.of(Set.copyOf(namespaces)),
                                refs,
                                protectedRef,
                                protectedEnvironment,
                                ownCiConfig,
                                sources,
                                starters,
                                new ImageRule(jobImages),
                                rollbacks));
    }

    private static Optional<SandboxRule> sandbox(YamlMap map) {
        int before = map.problems().count();
        JobLimits limits = map.optionalMap("limits", PolicyReader::limits).orElse(JobLimits.NONE);
        List<ImageRef> services = map.optionalList("service_images", IMAGE, List.of());
        List<Endpoint> egress = map.optionalList("egress", YamlType.text(Endpoint::parse), List.of());
        if (egress.size() > MAX_EGRESS) {
            map.problem("egress", "%d entries; write at most %d".formatted(egress.size(), MAX_EGRESS));
        }
        if (Set.copyOf(egress).size() < egress.size()) {
            map.problem("egress", "an entry stands there twice; keep one");
        }
        boolean appArmor = map.optional("require_apparmor", YamlType.BOOLEAN, false);
        boolean userNamespace = map.optional("require_user_namespace", YamlType.BOOLEAN, false);
        return map.problems()
                .ifNoneSince(
                        before,
                        () -> new SandboxRule(limits, new ImageRule(services), egress, appArmor, userNamespace));
    }

    private static void keepTrue(YamlMap map, String key, boolean value) {
        if (!value) {
            map.problem(key, "must stay true in production; remove the line");
        }
    }

    static Optional<People> people(YamlMap map) {
        int before = map.problems().count();
        if (map.isEmpty()) {
            map.problem("users", "it would be nobody; write `users` or `roles`");
        }
        List<Long> users = map.optionalList("users", ID, List.of());
        List<Role> roles = map.optionalList("roles", YamlType.oneOf(Role.values()), List.of());
        map.end();
        return map.problems().ifNoneSince(before, () -> new People(Set.copyOf(users), Set.copyOf(roles)));
    }

    /** The bounds are those of executor.yaml. */
    private static Optional<JobLimits> limits(YamlMap map) {
        int before = map.problems().count();
        Optional<Long> memory = map.optional("memory", ExecutorConfigReader.MEMORY);
        Optional<Double> cpus = map.optional("cpus", ExecutorConfigReader.CPUS);
        Optional<Long> pids = map.optional("pids", ExecutorConfigReader.PIDS);
        Optional<Long> workspace = map.optional("workspace", ExecutorConfigReader.MEMORY);
        map.end();
        return map.problems().ifNoneSince(before, () -> new JobLimits(memory, cpus, pids, workspace));
    }

    private static Optional<HostRule> host(HostName name, YamlMap map) {
        int before = map.problems().count();
        Optional<String> address = map.required("address", address());
        long port = map.optional("port", YamlType.integer(1, 65_535), 22L);
        Optional<String> user = map.required("user", Texts.matching(USER, "a user name of the host"));
        Optional<HostTrust> trust = SshReader.trust(map);
        map.end();
        return map.problems()
                .ifNoneSince(
                        before,
                        () -> new HostRule(
                                name, address.orElseThrow(), (int) port, user.orElseThrow(), trust.orElseThrow()));
    }

    private static YamlType<String> address() {
        return YamlType.text(text -> {
            boolean numbers =
                    IP_V4.matcher(text).matches() || IP_V6.matcher(text).matches();
            if (numbers ? !isIpAddress(text) : !DNS_NAME.matcher(text).matches()) {
                throw new IllegalArgumentException("write a DNS name or an IP address");
            }
            return text;
        });
    }

    private static boolean isIpAddress(String text) {
        try {
            // A shorter form, such as 10.1, means another address to each program that reads it.
            return InetAddress.ofLiteral(text).getHostAddress().equals(text) || text.contains(":");
        } catch (IllegalArgumentException malformed) {
            return false;
        }
    }

    private static Optional<VaultRule> vault(YamlMap map) {
        int before = map.problems().count();
        Optional<String> role = map.required("role", VAULT_ROLE);
        String mount = map.optional("mount", ExecutorConfigReader.path(), "kv");
        long version = map.optional("kv_version", YamlType.integer(1, 2), 2L);
        List<String> paths = map.list("paths", YamlType.text(PolicyReader::pathOrKey));
        Optional<DynamicRule> dynamic = map.optionalMap("dynamic", PolicyReader::dynamic);
        if (dynamic.isPresent() && dynamic.map(DynamicRule::role).equals(role)) {
            map.problem("dynamic", "its role must be another: the tokens of `vault.role` end with the deploy");
        }
        boolean shortSecrets = map.optional("short_secrets", YamlType.BOOLEAN, false);
        SortedMap<String, Integer> generated = new TreeMap<>();
        var _ = map.optionalMap("generated", entries -> {
            entries.eachValue(
                    PolicyReader::field,
                    GENERATED_LENGTH,
                    (ref, length) -> generated.put(ref.toString(), Math.toIntExact(length)));
            return Optional.of(entries);
        });
        if (!generated.isEmpty() && version == 1) {
            map.problem(
                    "generated",
                    "means nothing for a KV engine of version 1, which keeps no older value to go back to");
        }
        map.end();
        return map.problems()
                .ifNoneSince(
                        before,
                        () -> new VaultRule(
                                role.orElseThrow(), mount, (int) version, paths, dynamic, shortSecrets, generated));
    }

    private static Optional<DynamicRule> dynamic(YamlMap map) {
        int before = map.problems().count();
        Optional<String> role = map.required("role", VAULT_ROLE);
        List<String> paths = map.list("paths", ExecutorConfigReader.path());
        map.end();
        return map.problems().ifNoneSince(before, () -> new DynamicRule(role.orElseThrow(), paths));
    }

    private static String pathOrKey(String text) {
        return text.contains("#") ? field(text).toString() : ExecutorConfigReader.vaultPath(text);
    }

    /** One key of a KV secret, whatever its version. */
    static SecretRef field(String text) {
        SecretRef ref = SecretRef.parse(text);
        if (!ref.equals(new SecretRef(ref.path(), ref.key()))) {
            throw new IllegalArgumentException("write path#key alone, such as shop/production#session_key");
        }
        return ref;
    }

    private static Optional<RegistryRule> registry(YamlMap map) {
        int before = map.problems().count();
        Optional<String> address = map.required("address", Texts.matching(REGISTRY, "a host, or host:port"));
        Optional<String> credentials = map.required("credentials", ExecutorConfigReader.path());
        map.end();
        return map.problems()
                .ifNoneSince(before, () -> new RegistryRule(address.orElseThrow(), credentials.orElseThrow()));
    }

    private static YamlType<String> ref() {
        return YamlType.text(text -> {
            if (!REF.matcher(text).matches() || text.contains("..") || text.contains("//") || text.endsWith("/")) {
                throw new IllegalArgumentException("write a full ref path, such as refs/heads/main");
            }
            if (text.contains("**")) {
                throw new IllegalArgumentException("write * for a part of one path segment; ** is not known");
            }
            return text;
        });
    }

    private static YamlType<String> repository() {
        return YamlType.text(text -> {
            ImageRef image = ImageRef.parse(text);
            if (image.tag().isPresent() || image.digest().isPresent()) {
                throw new IllegalArgumentException("write the repository alone, \"%s\"; the release chooses the tag"
                        .formatted(image.repository()));
            }
            return text;
        });
    }
}
