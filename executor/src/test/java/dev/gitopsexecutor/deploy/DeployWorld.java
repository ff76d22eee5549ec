package dev.gitopsexecutor.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gitopsexecutor.checks.SmokeProbe;
import dev.gitopsexecutor.checks.SmokeSpec;
import dev.gitopsexecutor.deploy.ShippedFiles.ShippedFile;
import dev.gitopsexecutor.identity.TestIdentities;
import dev.gitopsexecutor.identity.VerifiedIdentity;
import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.HostTrust;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.ProjectName;
import dev.gitopsexecutor.model.RegistryLogin;
import dev.gitopsexecutor.model.ServiceName;
import dev.gitopsexecutor.policy.Allowed;
import dev.gitopsexecutor.policy.CheckRule;
import dev.gitopsexecutor.policy.Circumstances;
import dev.gitopsexecutor.policy.EnvironmentRule;
import dev.gitopsexecutor.policy.HostRule;
import dev.gitopsexecutor.policy.Policy;
import dev.gitopsexecutor.policy.RolloutRule;
import dev.gitopsexecutor.policy.RuleBuilder;
import dev.gitopsexecutor.policy.SshRule;
import dev.gitopsexecutor.secrets.Masker;
import dev.gitopsexecutor.secrets.SecretRef;
import dev.gitopsexecutor.secrets.SecretValue;
import dev.gitopsexecutor.secrets.SecretVersion;
import dev.gitopsexecutor.target.SshIdentity;
import dev.gitopsexecutor.testbed.DeployEnvironment;
import dev.gitopsexecutor.testbed.Registry;
import dev.gitopsexecutor.testbed.Release;
import dev.gitopsexecutor.testbed.TargetHost;
import dev.gitopsexecutor.testbed.Testbed;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** Deploys of one environment on real hosts, without runner, GitLab and Vault: the inputs are made here. */
final class DeployWorld {
    private final Testbed testbed;
    private final DeployEnvironment environment;
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();
    private final Masker masker = new Masker();
    private final CheckJournal journal = new CheckJournal(InstantSource.system());
    private final JobLog jobLog =
            new JobLog(masker.wrap(new PrintStream(log, true, UTF_8)), masker::mask, InstantSource.system());
    private final SortedMap<EnvKey, SecretValue> secrets = new TreeMap<>();
    private final SortedSet<ServiceName> others = new TreeSet<>();
    private final SortedSet<ServiceName> jobs = new TreeSet<>();
    private final SortedMap<String, ShippedFile> shipped = new TreeMap<>();
    private final Cancellation cancellation = new Cancellation();
    private final DeployInput.Gate open = new DeployInput.Gate() {
        @Override
        public void require(Collection<ImageRef> images) {}

        @Override
        public void enter(RunningVersion release, Map<HostName, Optional<String>> current) {
            beforeInstall.run();
        }
    };
    private Runnable beforeInstall = () -> {};
    private final SortedSet<EnvKey> latest = new TreeSet<>();
    private SchemaSpec schema = SchemaSpec.NONE;
    private long pipeline = 9000;
    private @Nullable String registryPassword;
    private boolean wayBackRequired = true;
    private String compose;
    private String directory;
    private RolloutRule rollout = RolloutRule.DEFAULT;
    private final List<SmokeSpec> smoke = new ArrayList<>();
    private final List<String> commands = new CopyOnWriteArrayList<>();
    private Supplier<CommandOutcome> commandOutcome = () -> new CommandOutcome(OptionalInt.of(0), "");
    private Optional<URI> url = Optional.empty();
    private Duration stability = Duration.ofSeconds(1);
    private Duration deadline = Duration.ofSeconds(15);
    private CheckRule checkRule = CheckRule.DEFAULT;

    DeployWorld(Testbed testbed, DeployEnvironment environment) {
        this.testbed = testbed;
        this.environment = environment;
        secret("DATABASE_PASSWORD", environment.databasePassword());
        this.directory = environment.directory();
        this.compose = """
                services:
                  app:
                    image: %s/shop/app
                    ports: ["127.0.0.1:%d:8080"]
                    restart: unless-stopped
                """.formatted(Registry.ADDRESS, environment.port());
    }

    /** One more, or another value of one; the log masks it. */
    void secret(String key, String value) {
        masker.add(value);
        secrets.put(new EnvKey(key), SecretValue.of(value));
    }

    /** Deploys that service of the Compose file too, with the image of the application. */
    void service(String name) {
        others.add(new ServiceName(name));
    }

    /** As {@link #service}, one that runs to its end. */
    void job(String name) {
        service(name);
        jobs.add(new ServiceName(name));
    }

    /** Lets that file travel along from now on, or another text of it; every directory has it alone. */
    void ship(String path, String text) {
        shipped.put(path, ShippedFile.of(false, text.getBytes(UTF_8)));
    }

    /** Another one on each host than the environment's own. */
    void directory(String path) {
        directory = path;
    }

    void rollout(RolloutRule rule) {
        rollout = rule;
    }

    /** As the policy has it; required when not said. */
    void wayBackRequired(boolean value) {
        wayBackRequired = value;
    }

    void smoke(String name, boolean blocking, SmokeProbe probe) {
        smoke.add(new SmokeSpec(name, probe, blocking, 1, Duration.ofSeconds(5)));
    }

    /** Where users come to, and what the policy says of it. */
    void url(URI place, CheckRule rule) {
        url = Optional.of(place);
        checkRule = rule;
    }

    void stability(Duration time) {
        stability = time;
    }

    /** For the application to become healthy. */
    void deadline(Duration time) {
        deadline = time;
    }

    /** How commands end in the job's container from now on. */
    void commandsEnd(int exitCode, String output) {
        commandOutcome = () -> new CommandOutcome(OptionalInt.of(exitCode), output);
    }

    /** The job's container is gone from now on. */
    void commandsFail(RuntimeException failure) {
        commandOutcome = () -> {
            throw failure;
        };
    }

    /** What ran in the job's container so far. */
    List<String> commands() {
        return List.copyOf(commands);
    }

    /** What happens under the locks, just before the release is written on the hosts. */
    void beforeInstall(Runnable step) {
        beforeInstall = step;
    }

    Cancellation cancellation() {
        return cancellation;
    }

    /** What the job log of all deploys so far says. */
    String log() {
        return log.toString(UTF_8);
    }

    void compose(String text) {
        compose = text;
    }

    String compose() {
        return compose;
    }

    DeployWorld pipeline(long id) {
        pipeline = id;
        return this;
    }

    /** Every check of all deploys here. */
    CheckJournal journal() {
        return journal;
    }

    DeployOutcome deploy(Release release) throws InterruptedException {
        return deploy(release.tag(), release.sha());
    }

    DeployOutcome deploy(String tag, String sha) throws InterruptedException {
        try (Deployment deployment = Deployment.begin(
                input(tag, sha),
                () -> SshIdentity.ofFile(testbed.sshKey()),
                jobLog,
                InstantSource.system(),
                cancellation,
                times(),
                journal)) {
            return deployment.finish(compose, ShippedFiles.whole(shipped), secrets());
        }
    }

    /** As a job of {@link #pipeline} and that commit that is run again; empty when it would deploy as any other. */
    Optional<DeployOutcome> retry(Release release) throws InterruptedException {
        try (Replay replay = replay(release)) {
            Optional<StoredRelease> wanted = replay.retried();
            return wanted.isPresent() ? Optional.of(bringBack(replay, wanted.get())) : Optional.empty();
        }
    }

    /** As a rollback job of {@link #pipeline} and that commit. */
    DeployOutcome undo(Release release) throws InterruptedException {
        try (Replay replay = replay(release)) {
            return bringBack(replay, replay.undone());
        }
    }

    private Replay replay(Release release) throws InterruptedException {
        return Replay.begin(
                allowed(new EnvironmentName(environment.name()), release.sha()),
                new ProjectName(environment.project()),
                () -> SshIdentity.ofFile(testbed.sshKey()),
                jobLog,
                InstantSource.system(),
                cancellation,
                times(),
                journal);
    }

    private DeployOutcome bringBack(Replay replay, StoredRelease wanted) throws InterruptedException {
        replay.plan(wanted).forEach(jobLog::fact);
        SortedMap<EnvKey, SecretValue> values = new TreeMap<>(secrets);
        values.keySet().retainAll(wanted.latest().keySet());
        return replay.run(
                wanted,
                new DeploySecrets(
                        values, values.isEmpty() ? List.of() : secrets().versions(), Optional.empty()),
                () -> Optional.ofNullable(registryPassword)
                        .map(password -> new RegistryLogin(
                                Registry.ADDRESS, testbed.registry().username(), password)),
                open);
    }

    /** What a rollback that misses an image logs in to the registry with; without it, it does not. */
    void registryPassword(String password) {
        registryPassword = password;
    }

    /** That releases from now on are to leave the database at. */
    void schema(long version, long oldest) {
        schema = new SchemaSpec(version, oldest);
    }

    /** What a rollback to releases from now on reads anew. */
    void latestOnRollback(String key) {
        latest.add(new EnvKey(key));
    }

    /** Starts to deploy and blocks until the first host's containers are started. */
    Future<DeployOutcome> deployUntilStarted(ExecutorService threads, Release release) {
        int before = log().length();
        Future<DeployOutcome> deploy = threads.submit(() -> deploy(release));
        Awaitility.await()
                .atMost(Duration.ofMinutes(2))
                .until(() -> log().substring(before).contains("is current, its"));
        return deploy;
    }

    private static DeployTimes times() {
        return FleetWorld.times(Duration.ofSeconds(1), Duration.ofSeconds(60));
    }

    private DeployInput input(String tag, String sha) {
        EnvironmentName name = new EnvironmentName(environment.name());
        ServiceName app = new ServiceName("app");
        SortedMap<ServiceName, ImageRef> services = new TreeMap<>();
        services.put(app, ImageRef.parse(Registry.ADDRESS + "/shop/app:" + tag));
        others.forEach(service -> services.put(service, services.get(app)));
        DeploySpec spec = new DeploySpec(
                "compose.yaml",
                new ProjectName(environment.project()),
                services,
                new TreeMap<>(Map.of(
                        name,
                        new EnvironmentSpec(
                                new TreeMap<>(Map.of(new EnvKey("LOG_LEVEL"), "debug")),
                                new TreeMap<>(Map.of(
                                        new EnvKey("DATABASE_PASSWORD"),
                                        new SecretRef(environment.secretPath(), "database_password"))),
                                new TreeSet<>(),
                                latest,
                                url))),
                checks(app),
                "/health",
                schema,
                jobs,
                List.of());
        return DeployInput.of(allowed(name, sha), spec, open, (command, release, limit) -> {
            commands.add(String.join(" ", command));
            return commandOutcome.get();
        });
    }

    private CheckSpec checks(ServiceName app) {
        return new CheckSpec(
                URI.create("http://127.0.0.1:%d/health".formatted(environment.port())),
                deadline,
                Optional.of(new VersionSpec("/version", app, true)),
                Optional.empty(),
                smoke,
                stability);
    }

    private DeploySecrets secrets() {
        RegistryLogin login = new RegistryLogin(
                Registry.ADDRESS,
                testbed.registry().username(),
                testbed.registry().password());
        var versions = List.of(new SecretVersion(
                environment.secretPath(), 1, InstantSource.system().instant()));
        return new DeploySecrets(secrets, versions, Optional.of(login));
    }

    private Allowed allowed(EnvironmentName name, String sha) {
        VerifiedIdentity identity = TestIdentities.with(
                Map.of("environment", name.value(), "sha", sha, "pipeline_id", Long.toString(pipeline)));
        EnvironmentRule rule = new RuleBuilder(name.value())
                .lax()
                .startedAutomatically()
                .withoutPromotion()
                .jobImages("job:1")
                .images(Registry.ADDRESS + "/shop/app")
                .hosts(environment.hosts().stream().map(DeployWorld::rule).toList())
                .ssh(new SshRule.KeyFile(testbed.sshKey()))
                .directory(directory)
                .rollout(rollout)
                .wayBackRequired(wayBackRequired)
                .checks(checkRule)
                .build();
        var now = new Circumstances(
                ImageRef.parse("job:1"), InstantSource.system().instant());
        return (Allowed) new Policy(Map.of(name, rule)).decide(identity, now);
    }

    private static HostRule rule(TargetHost host) {
        return new HostRule(
                new HostName(host.name()),
                host.address(),
                TargetHost.SSH_PORT,
                TargetHost.USER,
                new HostTrust.PinnedKey(host.hostKey()));
    }

    /** The id of the release that the link of a host names; empty without a link. */
    String current(TargetHost host) {
        return host.run("sh", "-c", "readlink \"$0/current\" || :", environment.directory())
                .strip()
                .replaceFirst(".*/", "");
    }

    /** The image of the application's container as Compose wrote it there; empty when none runs. */
    String image(TargetHost host) {
        return host.run(
                        "docker",
                        "ps",
                        "--no-trunc",
                        "--filter",
                        "label=com.docker.compose.project=" + environment.project(),
                        "--format",
                        "{{.Image}}")
                .strip();
    }
}
