package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.io.PlainText;
import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.ServiceName;
import dev.gitopsexecutor.policy.Allowed;
import dev.gitopsexecutor.secrets.SecretValue;
import dev.gitopsexecutor.target.RemoteResult;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Future;

/** Everything of a deploy that changes nothing yet: hosts, images, plan, locks and the release beside the others. */
final class DeployRun {
    /** The exit code with which {@code compose-check.sh} tells Compose's no from every other failure. */
    private static final int COMPOSE_REFUSES = 3;

    private final DeployInput input;
    private final String compose;
    private final ShippedFiles shipped;
    private final DeploySecrets secrets;
    private final DeployScope scope;
    private final Fleet fleet;
    private final Groundwork groundwork;
    private final Outdated outdated;
    private final Cancellation cancellation;
    private final JobLog log;

    DeployRun(Deployment.Setup setup, String compose, ShippedFiles shipped, DeploySecrets secrets) {
        this.input = setup.input();
        this.compose = compose;
        this.shipped = shipped;
        this.secrets = secrets;
        this.scope = setup.scope();
        this.fleet = setup.fleet();
        this.groundwork = setup.groundwork();
        this.outdated = setup.outdated();
        this.cancellation = setup.cancellation();
        this.log = scope.log();
    }

    DeployOutcome run() throws InterruptedException {
        SortedMap<EnvKey, SecretValue> variables = variables();
        ComposeConfig.requireSize(compose, input.spec().composePath());
        Future<RemoteResult> checked = groundwork.check(compose, shipped);
        Future<Groundwork.Pulled> images = groundwork.pull(secrets.registry());
        inSection("hosts", "Hosts", this::connect);
        ComposeConfig config =
                inSection("compose", "Compose file", () -> checkCompose(Fleet.result(checked), variables));
        Release release = inSection("images", "Images", () -> release(Fleet.result(images), variables, config));
        WayBack wayBack = new WayBack(
                fleet,
                scope,
                release.record().images().values(),
                secrets.registry(),
                input.needsWayBack(),
                cancellation);
        inSection("plan", "Plan", () -> plan(release, wayBack));
        new FleetLock(fleet, scope, cancellation).acquire();
        Map<HostName, HostState> before =
                changeable(fleet.each("reading the state", cancellation, HostDeployment::state));
        SchemaGuard.require(release.record(), before);
        Map<HostName, HostState> changing = changing(release, before);
        wayBack.secure(changing);
        input.gate().enter(release.record().version(), HostState.currents(before));
        if (changing.isEmpty()) {
            return inSection(
                    "checks",
                    "Checks",
                    () -> new UnchangedRelease(scope, fleet, cancellation)
                            .prove(release.record().version(), before));
        }
        inSection("release", "Release " + release.record().id(), () -> install(release));
        return new DeployTransaction(scope, fleet, release, before, cancellation, input.smoke(), input.container())
                .run();
    }

    private boolean connect() throws InterruptedException {
        groundwork.facts().forEach((host, fact) -> log.fact("%s: %s".formatted(host, fact.describe())));
        return true;
    }

    private ComposeConfig checkCompose(RemoteResult result, SortedMap<EnvKey, SecretValue> variables) {
        String file = input.spec().composePath();
        SortedMap<ServiceName, ImageRef> images = input.spec().services();
        List<String> messages = PlainText.lastLines(result.error(), 10);
        if (result.exitCode() == COMPOSE_REFUSES) {
            throw ComposeConfig.invalid(file, "Compose says:\n" + String.join("\n", messages));
        }
        List<String> places = words("directory ", result.output());
        if (!result.succeeded() || places.isEmpty()) {
            throw fleet.hosts().getFirst().failures().failed(RemoteScripts.COMPOSE_CHECK, result);
        }
        messages.forEach(message -> log.warning("  Compose says: " + message));
        List<String> known = words("service ", result.output());
        ComposeConfig.requireServices(images, known, file);
        ComposeConfig config = ComposeConfig.parse(
                result.output().substring(Math.max(0, result.output().indexOf('{'))));
        config.requireFit(input.spec(), variables, new RelativePaths(places.getFirst(), places.getLast(), shipped));
        log.fact("%s: services %s".formatted(file, String.join(", ", known)));
        if (!shipped.files().isEmpty()) {
            log.fact("with it travel "
                    + PlainText.sentence(String.join(", ", shipped.files().keySet())));
        }
        return config;
    }

    private static List<String> words(String label, String output) {
        return output.lines()
                .filter(line -> line.startsWith(label))
                .map(line -> line.substring(label.length()))
                .toList();
    }

    private Release release(Groundwork.Pulled pulled, SortedMap<EnvKey, SecretValue> variables, ComposeConfig config) {
        pulled.lines().forEach(log::fact);
        SortedMap<ServiceName, ImageRef> images = pulled.images();
        images.forEach((service, image) -> log.fact("%s: %s".formatted(service, image)));
        input.gate().require(images.values());
        Instant now = scope.clock().instant();
        SortedMap<String, Long> versions = new TreeMap<>();
        secrets.versions().forEach(version -> versions.merge(version.path(), version.version(), Math::max));
        ReleaseRecord record = new ReleaseRecord(
                Release.newId(now, scope.origin()),
                input.environment().name(),
                scope.project(),
                scope.origin(),
                new ReleaseContent(
                        images,
                        input.spec().checks(input.environment()),
                        versions,
                        environmentSpec().map(EnvironmentSpec::latestSecrets).orElseGet(TreeMap::new),
                        input.spec().schema(),
                        config.workload(input.spec()),
                        Optional.of(shipped.hash())),
                Optional.empty(),
                now,
                Optional.empty());
        return new Release(record, compose, shipped, variables, config.steps(input.spec()));
    }

    private boolean plan(Release release, WayBack wayBack) throws InterruptedException {
        Map<HostName, HostSurvey> surveys = groundwork.surveys();
        Map<HostName, HostState> states = changeable(HostSurvey.states(surveys));
        DeployPlan.of(WantedRelease.of(release), surveys, log::masked).lines().forEach(log::fact);
        wayBack.secure(changing(release, states));
        SchemaGuard.require(release.record(), states);
        return true;
    }

    private static Map<HostName, HostState> changing(Release release, Map<HostName, HostState> states) {
        Map<HostName, HostState> changing = new LinkedHashMap<>(states);
        changing.values().removeIf(state -> state.isAlready(release));
        return changing;
    }

    /** The same states, if this deploy may change all these hosts. */
    private Map<HostName, HostState> changeable(Map<HostName, HostState> states) {
        states.forEach((host, state) ->
                scope.requireOwnReleases(host, state, input.environment().name()));
        // An operator's new value comes with what runs, also after a rollback to an older pipeline.
        if (input.permission() instanceof Allowed
                && !input.environment().gates().outdated()) {
            outdated.requireNewest(states);
            fleet.hosts().forEach(host -> host.passed(outdated));
        }
        return states;
    }

    private boolean install(Release release) throws InterruptedException {
        fleet.write(release.record().id(), "writing the release", host -> {
            host.install(release);
            return true;
        });
        int variables = release.variables().size();
        fleet.hosts()
                .forEach(host -> log.fact("%s: written; Compose reads back all %d variables of the env file exactly"
                        .formatted(host.name(), variables)));
        return true;
    }

    /** Of the environment's plain and secret variables; the same key in both is refused by the reader of the file. */
    private SortedMap<EnvKey, SecretValue> variables() {
        SortedMap<EnvKey, SecretValue> variables = new TreeMap<>(secrets.values());
        environmentSpec()
                .ifPresent(environment ->
                        environment.values().forEach((key, value) -> variables.put(key, SecretValue.of(value))));
        return variables;
    }

    private Optional<EnvironmentSpec> environmentSpec() {
        return Optional.ofNullable(
                input.spec().environments().get(input.environment().name()));
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
