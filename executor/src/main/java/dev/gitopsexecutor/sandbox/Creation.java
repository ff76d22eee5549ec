package dev.gitopsexecutor.sandbox;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.model.HealthCheck;
import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.model.Role;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** Makes one job's volumes and containers. */
final class Creation {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Engine engine;
    private final SandboxSettings settings;
    private final SandboxNames names;
    private final SandboxSpec spec;
    private final Confinement confinement;
    private final InstantSource clock;
    private final Cancellation cancellation;

    Creation(
            Engine engine,
            SandboxSettings settings,
            SandboxNames names,
            SandboxSpec spec,
            EngineFeatures features,
            InstantSource clock,
            Cancellation cancellation) {
        this.engine = engine;
        this.settings = settings;
        this.names = names;
        this.spec = spec;
        this.confinement = new Confinement(settings, names, features);
        this.clock = clock;
        this.cancellation = cancellation;
    }

    void createVolumes() {
        createVolume(names.buildsVolume());
        if (settings.keepCache().isEmpty()) {
            createVolume(names.cacheVolume());
        }
    }

    private void createVolume(String name) {
        Map<String, String> options = confinement.volumeOptions();
        engine.call(
                "create volume " + name,
                LIMIT,
                docker -> docker.createVolumeCmd()
                        .withName(name)
                        .withDriver("local")
                        .withDriverOpts(options)
                        .withLabels(names.labels(spec))
                        .exec());
    }

    /** One that scripts run in. */
    void startScripts(Role role, ImageConfig image) {
        Duration kept = settings.keepCache().orElse(Duration.ZERO);
        start(
                names.container(role),
                image,
                create -> create.withHostName(names.hostname(role))
                        .withUser(Confinement.KEEPER_USER)
                        .withEnv("HOME=" + Confinement.HOME)
                        .withWorkingDir("/")
                        .withEntrypoint(ContainerScripts.keeper(secondsLeft()))
                        .withCmd(List.of())
                        .withHostConfig(confinement.of(
                                role, spec, image.volumes(), clock.instant().plus(kept))));
    }

    /** Runs what its image or the job's author says. */
    void startService(String name, SandboxSpec.Service service, ImageConfig image) {
        start(name, image, create -> {
            create.withUser(Confinement.SERVICE_USER)
                    .withEnv(service.variables().entrySet().stream()
                            .map(variable -> variable.getKey() + "=" + variable.getValue())
                            .toList())
                    .withHostConfig(confinement.ofService(image.volumes()));
            if (!service.entrypoint().isEmpty()) {
                create.withEntrypoint(service.entrypoint());
            }
            return service.command().isEmpty() ? create : create.withCmd(service.command());
        });
    }

    /** Both halves of the way out; they meet in a volume of their own. */
    void startEgress(SandboxSettings.Egress egress, ImageConfig image) {
        createVolume(names.egressVolume());
        start(
                names.egressOutside(),
                image,
                create -> egress(create, EgressProxy.outside(spec.egress()))
                        .withHostConfig(confinement.ofEgressOutside(egress, image.volumes())));
        start(
                names.egressInside(),
                image,
                create -> egress(create, EgressProxy.inside(spec.egress(), Loopback.of(spec)))
                        .withHostConfig(confinement.ofEgressInside(image.volumes())));
    }

    private CreateContainerCmd egress(CreateContainerCmd create, String configuration) {
        return create.withUser(Confinement.USER)
                .withWorkingDir("/")
                .withEntrypoint(EgressProxy.command(configuration, secondsLeft()))
                .withCmd(List.of());
    }

    private void start(String name, ImageConfig image, UnaryOperator<CreateContainerCmd> change) {
        String id = engine.call(
                        "create container " + name,
                        LIMIT,
                        docker -> change.apply(docker.createContainerCmd(image.id())
                                        .withName(name)
                                        // An image's own check would run beside the job for as long as it lives.
                                        .withHealthcheck(new HealthCheck().withTest(List.of("NONE")))
                                        .withLabels(labels(image)))
                                .exec())
                .getId();
        if (cancellation.isRequested()) {
            throw EngineFailures.canceled("start container " + name);
        }
        engine.call("start container " + name, LIMIT, docker -> {
            docker.startContainerCmd(id).exec();
            return true;
        });
    }

    /** An image's own would come along, and programs on the machine obey labels. */
    private Map<String, String> labels(ImageConfig image) {
        Map<String, String> labels = new TreeMap<>(names.labels(spec));
        image.labels().forEach(label -> labels.putIfAbsent(label, ""));
        return labels;
    }

    private long secondsLeft() {
        return Math.max(1, Duration.between(clock.instant(), spec.deadline()).toSeconds());
    }
}
