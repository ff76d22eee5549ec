package dev.gitopsexecutor.sandbox;

import com.github.dockerjava.api.command.CreateContainerResponse;
import com.github.dockerjava.api.model.HealthCheck;
import com.github.dockerjava.api.model.HostConfig;
import dev.gitopsexecutor.model.Role;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

/** Makes a job's volumes and its two containers. */
final class Creation {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Engine engine;
    private final SandboxSettings settings;
    private final InstantSource clock;

    Creation(Engine engine, SandboxSettings settings, InstantSource clock) {
        this.engine = engine;
        this.settings = settings;
        this.clock = clock;
    }

    void createVolumes(SandboxNames names, Map<String, String> labels) {
        Map<String, String> options = new Confinement(settings, names).volumeOptions();
        List<String> volumes = settings.keepCache().isPresent()
                ? List.of(names.buildsVolume())
                : List.of(names.buildsVolume(), names.cacheVolume());
        for (String name : volumes) {
            engine.call(
                    "create volume " + name,
                    LIMIT,
                    docker -> docker.createVolumeCmd()
                            .withName(name)
                            .withDriver("local")
                            .withDriverOpts(options)
                            .withLabels(labels)
                            .exec());
        }
    }

    /** Returns its id. */
    String createContainer(Role role, SandboxNames names, Images.Image image, SandboxSpec spec) {
        String name = names.container(role);
        long seconds =
                Math.max(1, Duration.between(clock.instant(), spec.deadline()).toSeconds());
        List<String> keeper = ContainerScripts.keeper(seconds);
        CreateContainerResponse created = engine.call(
                "create container " + name,
                LIMIT,
                docker -> docker.createContainerCmd(image.id())
                        .withName(name)
                        .withHostName(names.hostname(role))
                        .withUser(Confinement.KEEPER_USER)
                        .withEnv("HOME=" + Confinement.HOME)
                        .withWorkingDir("/")
                        .withEntrypoint(keeper)
                        .withCmd(List.of())
                        // An image's own check would run beside the job for as long as it lives.
                        .withHealthcheck(new HealthCheck().withTest(List.of("NONE")))
                        .withLabels(names.labels(spec))
                        .withHostConfig(confinement(role, names, image, spec))
                        .exec());
        return created.getId();
    }

    private HostConfig confinement(Role role, SandboxNames names, Images.Image image, SandboxSpec spec) {
        Duration kept = settings.keepCache().orElse(Duration.ZERO);
        return new Confinement(settings, names)
                .of(role, spec, image.volumes(), clock.instant().plus(kept));
    }

    void startContainer(String id) {
        engine.call("start container " + id, LIMIT, docker -> {
            docker.startContainerCmd(id).exec();
            return true;
        });
    }
}
