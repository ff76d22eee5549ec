package dev.gitopsexecutor.testbed;

import com.github.dockerjava.api.DockerClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.testcontainers.DockerClientFactory;

/** All real parts together, on free loopback ports and a network of their own. */
public final class Testbed implements AutoCloseable {
    private static final String CANARY = "p4ss 'w\"ord' ${HOME} $x #no comment \\n back\\slash\nsecond line, ünïcode ";

    private final DockerClient docker;
    private final WorldDirectory directory;
    private final TestNetwork network;
    private final List<TargetHost> hosts;
    private final Registry registry;
    private final AppImages appImages;
    private final VaultServer vault;
    private final GitLab gitLab;
    private final ShopRepository repository;
    private final String canaryEnd = randomText();
    private final AtomicInteger counter = new AtomicInteger();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Map<String, DeployEnvironment> environments;
    private @Nullable PostgresServer postgres;
    private @Nullable MailServer mailServer;
    private @Nullable WebServer webServer;

    private Testbed(Progress progress, DockerClient docker, WorldDirectory directory, int hostCount) throws Exception {
        this.docker = docker;
        this.directory = directory;
        Owner owner = Owner.self();
        this.network = progress.step("Network", () -> TestNetwork.create(docker, owner));
        Path repositories = directory.directory("repositories");
        this.gitLab = progress.step("GitLab: keys, API", () -> GitLab.start(network.gateway(), repositories));
        this.registry = Registry.prepare(network, owner, "pull " + randomText());
        this.appImages = new AppImages(docker, registry, directory.directory("images"));
        this.hosts = prepareHosts(owner, hostCount);
        String publicKey = progress.step("SSH key", this::makeSshKey);
        this.vault = progress.step("Vault", () -> VaultServer.start(directory, randomText()));
        startContainers(progress, publicKey);
        JobEngine.container().ifPresent(network::connect);
        vault.configure(gitLab.url(), gitLab.jwksUrl());
        vault.write(
                Configuration.REGISTRY_CREDENTIALS,
                Map.of("username", registry.username(), "password", registry.password()));
        List<EnvironmentSpec> specs = standardEnvironments();
        for (EnvironmentSpec spec : specs) {
            makeReady(spec);
        }
        this.repository = progress.step(
                "Repository " + ShopRepository.PATH,
                () -> ShopRepository.create(
                        repositories, directory.path().resolve("shop"), ShopFiles.of(specs.subList(0, 2))));
        this.environments = standard(specs);
    }

    /** Two target hosts, {@code web-1} and {@code web-2}. */
    public static Testbed start(Progress progress) {
        return start(progress, 2);
    }

    /** Blocks until everything answers; what testbeds of dead processes left is removed first. */
    public static Testbed start(Progress progress, int hosts) {
        return progress.step("The whole testbed", () -> {
            DockerClient docker = DockerClientFactory.lazyClient();
            new Leftovers(docker).removeOfTheDead();
            WorldDirectory directory = WorldDirectory.create(Owner.self());
            Thread hook = new Thread(() -> removeEverything(docker));
            Runtime.getRuntime().addShutdownHook(hook);
            return new Testbed(progress, docker, directory, hosts);
        });
    }

    /** Removes what testbeds of dead processes left. */
    static void sweep() throws IOException {
        new Leftovers(DockerClientFactory.lazyClient()).removeOfTheDead();
    }

    /** Testcontainers removes its containers at the end too, so that a removal may meet another one half-way. */
    private static void removeEverything(DockerClient docker) {
        Awaitility.await("removal of the testbed")
                .atMost(Duration.ofSeconds(60))
                .pollDelay(Duration.ZERO)
                .ignoreExceptions()
                .until(() -> {
                    new Leftovers(docker).removeOf(Owner.self());
                    return true;
                });
    }

    private void startContainers(Progress progress, String publicKey) throws InterruptedException, ExecutionException {
        List<Callable<Boolean>> starts = new ArrayList<>();
        starts.add(() -> start(progress, "Registry", registry::start));
        hosts.forEach(host -> starts.add(() -> start(progress, "Host " + host.name(), () -> host.start(publicKey))));
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Boolean> started : threads.invokeAll(starts)) {
                started.get();
            }
        }
    }

    private static boolean start(Progress progress, String what, Runnable work) {
        return progress.step(what, () -> {
            work.run();
            return true;
        });
    }

    private List<TargetHost> prepareHosts(Owner owner, int count) {
        HostRights rights = HostRights.of(docker);
        List<TargetHost> prepared = new ArrayList<>();
        for (int number = 1; number <= count; number++) {
            prepared.add(TargetHost.prepare(network, owner, rights, number));
        }
        return List.copyOf(prepared);
    }

    /** Returns the public half. */
    private String makeSshKey() throws IOException {
        Files.createDirectories(sshKey().getParent());
        Command.in(
                        directory.path(),
                        "ssh-keygen",
                        "-q",
                        "-t",
                        "ed25519",
                        "-N",
                        "",
                        "-C",
                        "deploy",
                        "-f",
                        sshKey().toString())
                .run();
        return Files.readString(Path.of(sshKey() + ".pub")).strip();
    }

    private List<EnvironmentSpec> standardEnvironments() {
        return List.of(
                new EnvironmentSpec("staging", "staging", List.of(host("web-1")), "develop", "/opt/shop", 8080, "shop"),
                new EnvironmentSpec(
                        "production", "production", List.of(host("web-2")), "main", "/opt/shop", 8080, "shop"),
                new EnvironmentSpec("fleet", "staging", hosts, "develop", "/opt/fleet", 8081, "fleet"));
    }

    private Map<String, DeployEnvironment> standard(List<EnvironmentSpec> specs) throws IOException {
        Configuration configuration = Configuration.write(directory.directory("standard"), machine(), specs);
        List<EnvironmentSpec> shop = specs.subList(0, 2);
        return Map.of(
                "staging", new DeployEnvironment(this, specs.get(0), configuration, shop),
                "production", new DeployEnvironment(this, specs.get(1), configuration, shop),
                "fleet", new DeployEnvironment(this, specs.get(2), configuration, specs.subList(2, 3)));
    }

    /** What the policy asks for by default holds in it, with staging and production of the standard environments. */
    public Promotion promotion() throws IOException {
        List<EnvironmentSpec> specs = standardEnvironments();
        return promotion("promotion", specs.get(0), specs.get(1), List.of());
    }

    /** {@code rules} are further lines for production. */
    Promotion promotion(String scratch, EnvironmentSpec staging, EnvironmentSpec production, List<String> rules)
            throws IOException {
        List<String> lines = new ArrayList<>(List.of("promotes_from: " + staging.name(), "soak: 0s"));
        lines.addAll(rules);
        List<EnvironmentSpec> specs = List.of(staging, production.withRules(lines.toArray(String[]::new)));
        Configuration configuration = Configuration.writeConfirmed(scratch(scratch), machine(), specs);
        return new Promotion(
                new DeployEnvironment(this, specs.getFirst(), configuration, specs),
                new DeployEnvironment(this, specs.getLast(), configuration, specs));
    }

    /** What Vault and the hosts need to know of an environment before the first job. */
    void makeReady(EnvironmentSpec spec) {
        vault.allow(
                spec.role(),
                Configuration.AUDIENCE,
                ShopRepository.PROJECT_ID,
                spec.name(),
                List.of(spec.secretPath(), Configuration.REGISTRY_CREDENTIALS));
        vault.write(spec.secretPath(), Map.of("database_password", databasePassword(spec.name())));
        spec.hosts().forEach(host -> host.makeDirectory(spec.directory()));
    }

    Configuration.Machine machine() {
        return new Configuration.Machine(
                gitLab.url(),
                vault.address(),
                JobEngine.socket(),
                JobEngine.isInContainer() ? "bridge" : network.name(),
                sshKey());
    }

    /** One of {@code staging} (web-1), {@code production} (web-2), {@code fleet} (all hosts), in one policy. */
    public DeployEnvironment environment(String name) {
        DeployEnvironment environment = environments.get(name);
        if (environment == null) {
            throw new IllegalArgumentException(name + " is none of " + environments.keySet());
        }
        return environment;
    }

    /** Starts the description of an environment with a policy, directory, port and state of its own. */
    public EnvironmentBuilder newEnvironment(String name) {
        int number = counter.incrementAndGet();
        return new EnvironmentBuilder(this, name + "-" + number, 8100 + number);
    }

    RunnerHarness runner(Configuration configuration) {
        return new RunnerHarness(
                RunnerHarness.Settings.of(Checkout.launcher(), configuration.executorYaml(), directory, gitLab.url()));
    }

    public List<TargetHost> hosts() {
        return hosts;
    }

    public TargetHost host(String name) {
        return hosts.stream()
                .filter(host -> host.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(name));
    }

    /** The registry's address as the engine knows it that jobs run on. */
    public String registryForJobs() {
        return JobEngine.isInContainer() ? Registry.ADDRESS : registry.loopbackAddress();
    }

    /**
     * Pushes an image that jobs may run: busybox with that text in {@code /version}.
     *
     * @param name repository and tag in the registry
     * @return its digest
     */
    public String pushJobImage(String name, String version) throws IOException, InterruptedException {
        return appImages.publishJobImage(name, version);
    }

    public Registry registry() {
        return registry;
    }

    public VaultServer vault() {
        return vault;
    }

    /** Started when it is first asked for; Vault makes users in it. */
    public synchronized PostgresServer postgres() throws IOException {
        PostgresServer started = postgres;
        if (started == null) {
            started = PostgresServer.start(directory, randomText());
            postgres = started;
        }
        return started;
    }

    /** Started when it is first asked for. */
    public synchronized MailServer mailServer() throws IOException {
        MailServer started = mailServer;
        if (started == null) {
            started = MailServer.start(directory);
            mailServer = started;
        }
        return started;
    }

    /** Started when it is first asked for. */
    public synchronized WebServer webServer() throws IOException {
        WebServer started = webServer;
        if (started == null) {
            started = WebServer.start(directory);
            webServer = started;
        }
        return started;
    }

    public GitLab gitLab() {
        return gitLab;
    }

    public ShopRepository repository() {
        return repository;
    }

    /** The private key that every host accepts for its login user. */
    public Path sshKey() {
        return directory.path().resolve("ssh/id_ed25519");
    }

    /** The name of the Docker network on which hosts, registry and helper containers are. */
    public String networkName() {
        return network.name();
    }

    /** For a test's own files; removed with the testbed. */
    public Path scratch(String name) throws IOException {
        return directory.directory(name);
    }

    /** The secret in Vault of that environment: hard to quote, and found nowhere else by chance. */
    public String databasePassword(String environment) {
        return CANARY + environment + " " + canaryEnd;
    }

    AppImages appImages() {
        return appImages;
    }

    /** Unique among the testbeds of this machine. */
    long nextJobId() throws IOException {
        long id = ProcessHandle.current().pid() * 1000 + counter.incrementAndGet();
        directory.remember(id);
        return id;
    }

    String randomText() {
        byte[] bytes = new byte[12];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** Removes every container, network, process and file of this process's testbeds. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            gitLab.close();
            vault.close();
            removeEverything(docker);
        }
    }
}
