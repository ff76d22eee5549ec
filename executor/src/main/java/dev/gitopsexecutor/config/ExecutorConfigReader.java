package dev.gitopsexecutor.config;

import dev.gitopsexecutor.identity.ApiSettings;
import dev.gitopsexecutor.identity.IssuerSettings;
import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.NotifierName;
import dev.gitopsexecutor.notify.NotifierSettings;
import dev.gitopsexecutor.sandbox.SandboxSettings;
import dev.gitopsexecutor.secrets.KvEngine;
import dev.gitopsexecutor.secrets.SecretRef;
import dev.gitopsexecutor.secrets.VaultSettings;
import dev.gitopsexecutor.secrets.VaultSettings.OwnIdentity;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.regex.Pattern;

/** Makes an {@link ExecutorConfig} of its file. */
final class ExecutorConfigReader {
    static final YamlType<Long> VERSION = YamlType.integer(1, 1);

    /** A job that is older than this when it deploys must be retried; its token may say less with `exp`. */
    private static final Duration DEFAULT_TOKEN_AGE = Duration.ofHours(1);

    private static final String KEYS_PATH = "/oauth/discovery/keys";
    private static final YamlType<ImageRef> IMAGE = YamlType.text(ImageRef::parse);

    static final YamlType<Long> MEMORY = Texts.size(16L << 20);
    static final YamlType<Double> CPUS = YamlType.number(0.01, 1024);
    static final YamlType<Long> PIDS = YamlType.integer(16, 1_000_000);

    /** Not unconfined: no machine takes a control away. */
    private static final Pattern APP_ARMOR = Pattern.compile("(?!unconfined$)[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}");

    private static final Pattern ROLE_ID = Pattern.compile("[a-zA-Z0-9_.-]{1,128}");

    private ExecutorConfigReader() {}

    private record GitLab(URI url, IssuerSettings issuer, String tokenVariable, Optional<ApiSettings> api) {}

    private record Limits(SandboxSettings.Limits containers, Duration grace) {
        static final Limits DEFAULT =
                new Limits(new SandboxSettings.Limits(1L << 30, 1.0, 256, 512L << 20), Duration.ofMinutes(15));
    }

    static Optional<ExecutorConfig> read(YamlMap root, FileHash hash) {
        int before = root.problems().count();
        var _ = root.required("version", VERSION);
        Optional<GitLab> gitlab = root.requiredMap("gitlab", ExecutorConfigReader::gitlab);
        Optional<Path> policyFile = policyFile(root);
        Path stateDir = root.optional("state_dir", Texts.absolutePath(), Path.of("/var/lib/gitops-executor"));
        String buildsDir = root.optional("builds_dir", YamlType.text(Texts::absolute), "/builds");
        String cacheDir = root.optional("cache_dir", YamlType.text(Texts::absolute), "/cache");
        if (Path.of(buildsDir).startsWith(cacheDir) || Path.of(cacheDir).startsWith(buildsDir)) {
            root.problem(
                    "cache_dir",
                    "\"%s\": write a directory outside of builds_dir, \"%s\", which is not inside of it either"
                            .formatted(cacheDir, buildsDir));
        }
        Limits limits = root.optionalMap("limits", ExecutorConfigReader::limits).orElse(Limits.DEFAULT);
        Optional<DockerConfig> docker = root.requiredMap("docker", map -> docker(map, buildsDir, cacheDir, limits));
        Optional<VaultSettings> vault = root.requiredMap("vault", ExecutorConfigReader::vault);
        SortedMap<NotifierName, NotifierSettings> notifiers = NotifiersReader.read(
                root, vault.isEmpty() || vault.flatMap(VaultSettings::own).isPresent());
        root.end();
        return root.problems()
                .ifNoneSince(
                        before,
                        () -> new ExecutorConfig(
                                gitlab.orElseThrow().issuer(),
                                gitlab.orElseThrow().url(),
                                gitlab.orElseThrow().tokenVariable(),
                                gitlab.orElseThrow().api(),
                                docker.orElseThrow(),
                                vault.orElseThrow(),
                                policyFile.orElseThrow(),
                                stateDir,
                                notifiers,
                                hash));
    }

    /** Empty when the file names none that can be. */
    static Optional<Path> policyFile(YamlMap root) {
        int before = root.problems().count();
        Path file = root.optional("policy_file", Texts.absolutePath(), Path.of("/etc/gitops-executor/policy.yaml"));
        return root.problems().ifNoneSince(before, () -> file);
    }

    private static Optional<GitLab> gitlab(YamlMap map) {
        int before = map.problems().count();
        Optional<URI> url = map.required("url", Texts.serviceUrl());
        Optional<String> issuer = map.optional("issuer", YamlType.text(Texts.nonBlank("the `iss` of ID tokens")));
        Optional<URI> jwks = map.optional("jwks_url", Texts.serviceUrl());
        Optional<Path> caFile = map.optional("ca_file", Texts.absolutePath());
        Optional<String> audience =
                map.required("audience", YamlType.text(Texts.nonBlank("the `aud` that jobs name under id_tokens")));
        String variable =
                map.optional("token_variable", YamlType.text(text -> new EnvKey(text).value()), "VAULT_ID_TOKEN");
        Set<Long> runners =
                Set.copyOf(map.optionalList("runner_ids", YamlType.integer(1, Long.MAX_VALUE - 1), List.of()));
        boolean confirm = map.optional("confirm_jobs", YamlType.BOOLEAN, false);
        Optional<Path> apiToken = map.optional("api_token_file", Texts.absolutePath());
        if (apiToken.isPresent() && !confirm) {
            map.problem("api_token_file", "means nothing without `confirm_jobs: true`; write that too");
        }
        Duration maxTokenAge = map.optional(
                "max_token_age", Texts.duration(Duration.ofMinutes(1), Duration.ofHours(24)), DEFAULT_TOKEN_AGE);
        map.end();
        return map.problems().ifNoneSince(before, () -> {
            URI base = url.orElseThrow();
            var settings = new IssuerSettings(
                    issuer.orElse(base.toString()),
                    jwks.orElseGet(() -> URI.create(base + KEYS_PATH)),
                    audience.orElseThrow(),
                    caFile,
                    maxTokenAge,
                    runners);
            Optional<ApiSettings> api =
                    confirm ? Optional.of(new ApiSettings(base, caFile, apiToken)) : Optional.empty();
            return new GitLab(base, settings, variable, api);
        });
    }

    private static Optional<Limits> limits(YamlMap map) {
        int before = map.problems().count();
        SandboxSettings.Limits absent = Limits.DEFAULT.containers();
        long memory = map.optional("memory", MEMORY, absent.memoryBytes());
        double cpus = map.optional("cpus", CPUS, absent.cpus());
        long pids = map.optional("pids", PIDS, absent.pids());
        long workspace = map.optional("workspace", MEMORY, absent.workspaceBytes());
        Duration grace = map.optional(
                "grace", Texts.duration(Duration.ofSeconds(1), Duration.ofHours(24)), Limits.DEFAULT.grace());
        map.end();
        return map.problems()
                .ifNoneSince(
                        before, () -> new Limits(new SandboxSettings.Limits(memory, cpus, pids, workspace), grace));
    }

    private static Optional<DockerConfig> docker(YamlMap map, String buildsDir, String cacheDir, Limits limits) {
        int before = map.problems().count();
        Path socket = map.optional("socket", Texts.absolutePath(), Path.of("/var/run/docker.sock"));
        Optional<ImageRef> helper = map.required("helper_image", IMAGE);
        String network = map.optional("helper_network", network(), "bridge");
        Optional<Path> gitlabRunner = map.optional("gitlab_runner", Texts.absolutePath());
        Optional<Duration> keepCache =
                map.optional("keep_cache", Texts.duration(Duration.ofMinutes(1), Duration.ofDays(366)));
        String appArmor = map.optional(
                "apparmor_profile",
                Texts.matching(APP_ARMOR, "the name of a profile that is loaded on this machine"),
                SandboxSettings.DEFAULT_APP_ARMOR);
        Optional<ImageRef> egressImage = map.optional("egress_image", IMAGE);
        String egressNetwork = map.optional("egress_network", network(), "bridge");
        map.end();
        return map.problems()
                .ifNoneSince(
                        before,
                        () -> new DockerConfig(
                                socket,
                                new SandboxSettings.Helper(helper.orElseThrow(), network, gitlabRunner),
                                buildsDir,
                                cacheDir,
                                limits.containers(),
                                keepCache,
                                limits.grace(),
                                appArmor,
                                egressImage.map(image -> new SandboxSettings.Egress(image, egressNetwork))));
    }

    private static YamlType<String> network() {
        return YamlType.text(text -> {
            if (!SandboxSettings.isNetwork(text)) {
                throw new IllegalArgumentException(
                        "write the name of a Docker network, such as bridge; host, none and default are not such names");
            }
            return text;
        });
    }

    private static Optional<VaultSettings> vault(YamlMap map) {
        int before = map.problems().count();
        Optional<URI> address = map.required("address", Texts.serviceUrl());
        String mount = map.optional("auth_mount", path(), "jwt");
        Optional<String> namespace = map.optional("namespace", path());
        Optional<Path> caFile = map.optional("ca_file", Texts.absolutePath());
        Optional<OwnIdentity> own = map.optionalMap("own_identity", ExecutorConfigReader::ownIdentity);
        map.end();
        return map.problems()
                .ifNoneSince(before, () -> new VaultSettings(address.orElseThrow(), mount, namespace, caFile, own));
    }

    private static Optional<OwnIdentity> ownIdentity(YamlMap map) {
        int before = map.problems().count();
        String mount = map.optional("auth_mount", path(), "approle");
        Optional<String> roleId =
                map.required("role_id", Texts.matching(ROLE_ID, "the role id of an AppRole, as Vault shows it"));
        Optional<Path> secretId = map.required("secret_id_file", Texts.absolutePath());
        String engine = map.optional("mount", path(), "kv");
        long version = map.optional("kv_version", YamlType.integer(1, 2), 2L);
        map.end();
        return map.problems()
                .ifNoneSince(
                        before,
                        () -> new OwnIdentity(
                                mount, roleId.orElseThrow(), secretId.orElseThrow(), new KvEngine(engine, (int)
                                        version)));
    }

    /** A mount, namespace or secret's path in Vault. */
    static YamlType<String> path() {
        return YamlType.text(ExecutorConfigReader::vaultPath);
    }

    static String vaultPath(String text) {
        if (!SecretRef.isPath(text)) {
            throw new IllegalArgumentException("write names of letters, digits, _, - and single dots, separated by /");
        }
        return text;
    }
}
