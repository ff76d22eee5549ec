package dev.gitopsexecutor.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gitopsexecutor.identity.TestIdentities;
import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.HostTrust;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.ProjectName;
import dev.gitopsexecutor.model.ServiceName;
import dev.gitopsexecutor.policy.Allowed;
import dev.gitopsexecutor.policy.Circumstances;
import dev.gitopsexecutor.policy.EnvironmentRule;
import dev.gitopsexecutor.policy.HostRule;
import dev.gitopsexecutor.policy.Policy;
import dev.gitopsexecutor.policy.RolloutRule;
import dev.gitopsexecutor.policy.RuleBuilder;
import dev.gitopsexecutor.policy.SshRule;
import dev.gitopsexecutor.secrets.SecretValue;
import dev.gitopsexecutor.target.FakeHost;
import dev.gitopsexecutor.target.FakeHosts;
import dev.gitopsexecutor.target.SshIdentity;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/** Deploys to hosts at addresses of {@link FakeHosts}, in this process or another. */
final class FleetWorld {
    private static final ServiceName APP = new ServiceName("app");
    private static final DeployInput.Gate OPEN = new DeployInput.Gate() {
        @Override
        public void require(Collection<ImageRef> images) {}

        @Override
        public void enter(RunningVersion release, Map<HostName, Optional<String>> current) {}
    };

    private final List<HostRule> hosts;
    private final Path userKey;
    private final String healthUrl;
    private final RolloutRule rollout;
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();
    private final Cancellation cancellation = new Cancellation();

    FleetWorld(List<HostRule> hosts, Path userKey, String healthUrl, RolloutRule rollout) {
        this.hosts = List.copyOf(hosts);
        this.userKey = userKey;
        this.healthUrl = healthUrl;
        this.rollout = rollout;
    }

    static FleetWorld of(FakeHosts fakes, RolloutRule rollout) {
        return of(fakes, fakes.all(), rollout);
    }

    static FleetWorld of(FakeHosts fakes, List<FakeHost> some, RolloutRule rollout) {
        return new FleetWorld(
                some.stream()
                        .map(host -> host(host.name(), host.address(), fakes.port(), fakes.hostKey()))
                        .toList(),
                fakes.userKey(),
                fakes.healthUrl(),
                rollout);
    }

    /** Hosts at these addresses, each named by its own. */
    static List<HostRule> hosts(List<String> addresses, int port, String hostKey) {
        return addresses.stream()
                .map(address -> host("host-" + address, address, port, hostKey))
                .toList();
    }

    private static HostRule host(String name, String address, int port, String hostKey) {
        return new HostRule(new HostName(name), address, port, FakeHosts.USER, new HostTrust.PinnedKey(hostKey));
    }

    /** What the job log of all deploys so far says. */
    String log() {
        return log.toString(UTF_8);
    }

    Cancellation cancellation() {
        return cancellation;
    }

    /** Its tag is {@code v<number>}. */
    DeployOutcome deploy(int number) throws InterruptedException {
        JobLog jobLog = new JobLog(log, InstantSource.system());
        try (Deployment deployment = Deployment.begin(
                input(number),
                () -> SshIdentity.ofFile(userKey),
                jobLog,
                InstantSource.system(),
                cancellation,
                times(Duration.ofMillis(200), Duration.ofSeconds(10)),
                new CheckJournal(InstantSource.system()))) {
            return deployment.finish(
                    "services: {app: {image: app}}",
                    ShippedFiles.NONE,
                    new DeploySecrets(
                            new TreeMap<>(Map.of(new EnvKey("PASSWORD"), SecretValue.of("secret$1"))),
                            List.of(),
                            Optional.empty()));
        }
    }

    /** The usual ones, but for tests that wait for little. */
    static DeployTimes times(Duration stability, Duration reconnect) {
        DeployTimes defaults = DeployTimes.defaults();
        return new DeployTimes(
                defaults.connect(),
                defaults.command(),
                defaults.pull(),
                Duration.ofSeconds(60),
                defaults.start(),
                stability,
                reconnect);
    }

    private DeployInput input(int number) {
        DeploySpec spec = new DeploySpec(
                "compose.yaml",
                new ProjectName("shop"),
                new TreeMap<>(Map.of(APP, Releases.image(number))),
                new TreeMap<>(Map.of(
                        new EnvironmentName("staging"),
                        new EnvironmentSpec(
                                new TreeMap<>(), new TreeMap<>(), new TreeSet<>(), new TreeSet<>(), Optional.empty()))),
                Releases.stable(Releases.checks(healthUrl, Duration.ofSeconds(60)), Duration.ofMillis(200)),
                "/health",
                SchemaSpec.NONE,
                new TreeSet<>(),
                List.of());
        Allowed allowed = allowed();
        return new DeployInput(allowed, Origin.of(allowed.identity()), spec, OPEN, Optional.empty());
    }

    private Allowed allowed() {
        EnvironmentName name = new EnvironmentName("staging");
        EnvironmentRule rule = new RuleBuilder(name.value())
                .lax()
                .startedAutomatically()
                .withoutPromotion()
                .jobImages("job:1")
                .images("registry.test/shop/app")
                .hosts(hosts)
                .ssh(new SshRule.KeyFile(userKey))
                .rollout(rollout)
                .build();
        return (Allowed) new Policy(Map.of(name, rule))
                .decide(
                        TestIdentities.with(Map.of("environment", name.value())),
                        new Circumstances(
                                ImageRef.parse("job:1"), InstantSource.system().instant()));
    }
}
