package dev.gitopsexecutor.sandbox;

import static java.util.Objects.requireNonNull;

import com.github.dockerjava.api.command.InspectImageResponse;
import com.github.dockerjava.api.model.AuthConfig;
import com.github.dockerjava.api.model.ContainerConfig;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.io.Deadline;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.RegistryLogin;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Finds the image that a name stands for, on the engine or in its registry. */
final class Images {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Duration PULL_LIMIT = Duration.ofMinutes(10);
    private static final Pattern REFUSED =
            Pattern.compile("(?i)not found|manifest unknown|name unknown|denied|unauthorized|authentication required"
                    + "|no basic auth|does not exist");

    private final Engine engine;

    Images(Engine engine) {
        this.engine = engine;
    }

    /**
     * What is run: the id, so that a tag that moves meanwhile changes nothing.
     *
     * @param digest in the registry, where the engine knows it
     * @param volumes paths that the image declares
     */
    record Image(String id, Optional<String> digest, Set<String> volumes) {}

    /** Pulls only what the engine does not have; a pull ends with the stage. */
    Image find(ImageRef name, Optional<RegistryLogin> login, Deadline deadline, JobLog log, Cancellation cancellation) {
        Optional<Image> present = inspect(name);
        if (present.isEmpty()) {
            log.fact("pulling " + name);
            pull(name, login, deadline.orAfter(PULL_LIMIT).remaining(), cancellation);
        }
        return present.or(() -> inspect(name)).orElseThrow(() -> unavailable(name, "it is not there after the pull"));
    }

    private Optional<Image> inspect(ImageRef name) {
        String reference =
                name.repository() + name.digest().map(digest -> "@" + digest).orElseGet(() -> ":" + tag(name));
        return engine.find(
                        "look for image " + name,
                        LIMIT,
                        docker -> docker.inspectImageCmd(reference).exec())
                .map(found -> new Image(requireNonNull(found.getId()), digest(name, found), volumes(found)));
    }

    private void pull(ImageRef name, Optional<RegistryLogin> login, Duration limit, Cancellation cancellation) {
        String tried = "pull image " + name;
        try {
            engine.call(tried, limit, cancellation, docker -> {
                var pull = docker.pullImageCmd(name.repository())
                        .withTag(name.digest().map(Object::toString).orElseGet(() -> tag(name)));
                login.ifPresent(it -> pull.withAuthConfig(new AuthConfig()
                        .withRegistryAddress(it.registry())
                        .withUsername(it.username())
                        .withPassword(it.revealPassword())));
                try (var progress = pull.start()) {
                    return progress.awaitCompletion();
                } catch (IOException | InterruptedException failed) {
                    throw new IllegalStateException(failed);
                }
            });
        } catch (ExecutorException failed) {
            if (failed.code() == FailureCode.CANCELED) {
                throw failed;
            }
            String saw = failed.failure().saw();
            throw REFUSED.matcher(saw).find() ? unavailable(name, saw) : pullFailed(tried, name, saw, failed);
        }
    }

    private static String tag(ImageRef name) {
        return name.tag().orElse("latest");
    }

    private static Optional<String> digest(ImageRef name, InspectImageResponse found) {
        List<String> digests = found.getRepoDigests();
        if (digests == null) {
            return Optional.empty();
        }
        String prefix = name.repository() + "@";
        return digests.stream()
                .filter(digest -> digest.startsWith(prefix))
                .map(digest -> digest.substring(prefix.length()))
                .findFirst();
    }

    private static Set<String> volumes(InspectImageResponse found) {
        ContainerConfig config = found.getConfig();
        Map<String, ?> volumes = config == null ? null : config.getVolumes();
        return volumes == null ? Set.of() : Set.copyOf(volumes.keySet());
    }

    private static ExecutorException unavailable(ImageRef name, String saw) {
        return new ExecutorException(new Failure(
                FailureCode.IMAGE_UNAVAILABLE,
                "use image " + name,
                "the container engine and the image's registry",
                saw,
                "Correct the name, or give the job's project access to the registry."));
    }

    private static ExecutorException pullFailed(String tried, ImageRef name, String saw, Throwable cause) {
        return new ExecutorException(
                new Failure(
                        FailureCode.IMAGE_PULL_FAILED,
                        tried,
                        name.registry().map(host -> "registry " + host).orElse("the engine's default registry"),
                        saw,
                        "See that the engine reaches the registry, or load the image on this machine."),
                cause);
    }
}
