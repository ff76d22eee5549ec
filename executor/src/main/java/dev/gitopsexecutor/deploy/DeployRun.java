package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.checks.CheckResult;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.RegistryLogin;
import dev.gitopsexecutor.model.ServiceName;
import dev.gitopsexecutor.secrets.SecretValue;
import dev.gitopsexecutor.target.HostFacts;
import dev.gitopsexecutor.target.PlainText;
import dev.gitopsexecutor.target.RemoteResult;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Everything of a deploy that changes nothing yet: hosts, images, plan, locks and the release beside the others. */
final class DeployRun {
    private static final int MAX_COMPOSE = 256 * 1024;

    private final DeployInput input;
    private final DeployScope scope;
    private final Fleet fleet;
    private final Cancellation cancellation;
    private final JobLog log;

    DeployRun(DeployInput input, DeployScope scope, Fleet fleet, Cancellation cancellation) {
        this.input = input;
        this.scope = scope;
        this.fleet = fleet;
        this.cancellation = cancellation;
        this.log = scope.log();
    }

    DeployOutcome run() throws InterruptedException {
        SortedMap<EnvKey, SecretValue> variables = variables();
        inSection("hosts", "Hosts", this::connect);
        inSection("compose", "Compose file", () -> checkCompose(variables));
        Release release = inSection("images", "Images", () -> release(variables));
        DeployPlan plan = inSection("plan", "Plan", () -> plan(release));
        if (plan.isUnchanged()) {
            return inSection("checks", "Checks", () -> proveUnchanged(release));
        }
        inSection("lock", "Lock", this::lock);
        Map<HostName, HostState> before = states();
        requireNotOutdated(before);
        inSection("release", "Release " + release.record().id(), () -> install(release));
        return new DeployTransaction(scope, fleet, release, before, cancellation).run();
    }

    private boolean connect() throws InterruptedException {
        Map<HostName, HostFacts> facts = fleet.each("connecting", cancellation, HostDeployment::connect);
        facts.forEach((host, fact) -> log.fact("%s: Docker %s, Compose %s, %d MiB free"
                .formatted(host, fact.engineVersion(), fact.composeVersion(), fact.freeKibibytes() / 1024)));
        return true;
    }

    private boolean checkCompose(SortedMap<EnvKey, SecretValue> variables) {
        String file = input.spec().composePath();
        if (input.compose().length() > MAX_COMPOSE) {
            throw ComposeConfig.invalid(file, "it has more than %d characters".formatted(MAX_COMPOSE));
        }
        SortedMap<ServiceName, ImageRef> images = input.spec().services();
        RemoteResult result = fleet.hosts().getFirst().checkCompose(input.compose(), ComposeOverride.render(images));
        List<String> messages = PlainText.lastLines(result.error(), 10);
        if (!result.succeeded()) {
            throw ComposeConfig.invalid(file, "Compose says:\n" + String.join("\n", messages));
        }
        messages.forEach(message -> log.warning("  Compose says: " + message));
        List<String> known = result.output()
                .lines()
                .filter(line -> line.startsWith("service "))
                .map(line -> line.substring("service ".length()))
                .toList();
        ComposeConfig.requireServices(images, known, file);
        ComposeConfig.parse(
                        result.output().substring(Math.max(0, result.output().indexOf('{'))))
                .requireFit(images.keySet(), variables, file);
        log.fact("%s: services %s".formatted(file, String.join(", ", known)));
        return true;
    }

    private Release release(SortedMap<EnvKey, SecretValue> variables) throws InterruptedException {
        Optional<RegistryLogin> login = input.secrets().registry();
        HostDeployment first = fleet.hosts().getFirst();
        SortedMap<ServiceName, ImageRef> images = input.spec().services();
        boolean pinned =
                images.values().stream().allMatch(image -> image.digest().isPresent());
        if (!pinned) {
            SortedMap<ServiceName, ImageRef> tags = images;
            images = new Fleet(List.of(first), scope)
                    .each("pulling", cancellation, host -> host.pull(login, tags))
                    .get(first.name());
        }
        SortedMap<ServiceName, ImageRef> exact = Objects.requireNonNull(images);
        fleet.each("pulling", cancellation, host -> host.pull(login, exact));
        exact.forEach((service, image) -> log.fact("%s: %s".formatted(service, image)));
        Instant now = scope.clock().instant();
        SortedMap<String, Long> versions = new TreeMap<>();
        input.secrets().versions().forEach(version -> versions.put(version.path(), version.version()));
        ReleaseRecord record = new ReleaseRecord(
                Release.newId(now, scope.origin()),
                input.allowed().environment().name(),
                scope.project(),
                scope.origin(),
                exact,
                input.spec().checks(),
                versions,
                now,
                Optional.empty());
        return new Release(record, input.compose(), variables);
    }

    private DeployPlan plan(Release release) throws InterruptedException {
        Map<HostName, HostState> states = states();
        DeployPlan plan = DeployPlan.of(release, states);
        plan.lines().forEach(log::fact);
        requireNotOutdated(states);
        return plan;
    }

    private Map<HostName, HostState> states() throws InterruptedException {
        return fleet.each("reading the state", cancellation, HostDeployment::state);
    }

    private void requireNotOutdated(Map<HostName, HostState> states) {
        states.forEach((host, state) ->
                state.highWater().ifPresent(highWater -> highWater.requireNotNewerThan(scope.origin(), host)));
    }

    private DeployOutcome proveUnchanged(Release release) throws InterruptedException {
        Map<HostName, HostState> states = states();
        List<HostOutcome> rows = new ArrayList<>();
        for (HostDeployment host : fleet.hosts()) {
            Instant start = scope.clock().instant();
            ReleaseRecord current = Objects.requireNonNull(states.get(host.name()))
                    .currentRelease()
                    .orElse(release.record());
            ReleaseCheck check = new ReleaseCheck(host, current, scope, cancellation);
            List<CheckResult> results = check.run();
            CheckLines.of(results).forEach(line -> log.fact(host.name() + ": " + line));
            if (results.getLast() instanceof CheckResult.Failed failed) {
                check.explanation().forEach(log::fact);
                throw new ExecutorException(new Failure(
                        FailureCode.CHECK_FAILED,
                        "prove that \"%s\" is well".formatted(host.name()),
                        "release " + current.id(),
                        failed.describe() + "\nthe wanted release ran there already; nothing was changed",
                        "Look at the container's log lines above; the release worked when it was deployed."));
            }
            Optional<RunningVersion> version = Optional.of(current.version());
            Duration took = Duration.between(start, scope.clock().instant());
            rows.add(new HostOutcome(host.name(), version, version, CheckLines.summary(results), took));
        }
        return new DeployOutcome.Unchanged(release.record().version(), rows);
    }

    private boolean lock() throws InterruptedException {
        for (HostDeployment host : fleet.sorted()) {
            host.lock(cancellation, scope.times().lock());
            log.fact("%s: locked".formatted(host.name()));
        }
        return true;
    }

    private boolean install(Release release) throws InterruptedException {
        Map<HostName, Boolean> done = fleet.each("writing the release", cancellation, host -> {
            host.install(release);
            return true;
        });
        int variables = release.variables().size();
        done.keySet()
                .forEach(host -> log.fact("%s: written; Compose reads back all %d variables of the env file exactly"
                        .formatted(host, variables)));
        return true;
    }

    /** Of the environment's plain and secret variables; the same key in both is refused by the reader of the file. */
    private SortedMap<EnvKey, SecretValue> variables() {
        SortedMap<EnvKey, SecretValue> variables = new TreeMap<>(input.secrets().values());
        EnvironmentSpec environment =
                input.spec().environments().get(input.allowed().environment().name());
        if (environment != null) {
            environment.values().forEach((key, value) -> variables.put(key, SecretValue.of(value)));
        }
        return variables;
    }

    private <T> T inSection(String name, String title, Part<T> part) throws InterruptedException {
        JobLog.Section section = log.section("deploy_" + name, title);
        try {
            return part.run();
        } finally {
            section.close();
        }
    }

    private interface Part<T> {
        T run() throws InterruptedException;
    }
}
