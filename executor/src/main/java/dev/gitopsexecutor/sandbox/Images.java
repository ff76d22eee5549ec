package dev.gitopsexecutor.sandbox;

import com.github.dockerjava.api.model.AuthConfig;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.Cancellation;
import dev.gitopsexecutor.io.Deadline;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.model.Digest;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.RegistryLogin;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds the image that a name stands for, on the engine or in its registry. */
final class Images {
    private static final String REGISTRY_AUTH = "X-Registry-Auth: ";
    private static final Duration PULL_LIMIT = Duration.ofMinutes(10);
    private static final Pattern REFUSED =
            Pattern.compile("(?i)not found|manifest unknown|name unknown|denied|unauthorized|authentication required"
                    + "|no basic auth|does not exist");

    private final Engine engine;
    private final EngineCalls calls;

    Images(Engine engine, EngineCalls calls) {
        this.engine = engine;
        this.calls = calls;
    }

    /**
     * The name with the digest that it stands for now. A name with a registry is asked for there every time, with this
     * login: what another job has pulled is not for everybody. One without is the engine's own where it has it, then
     * perhaps without a digest.
     */
    ImageRef resolve(ImageRef name, Optional<RegistryLogin> login, Cancellation cancellation) {
        if (name.registry().isEmpty()) {
            Optional<ImageConfig> present = inspect(name);
            if (present.isPresent()) {
                return name.digest().isPresent()
                        ? name
                        : present.get().digest().map(name::withDigest).orElse(name);
            }
        }
        return name.withDigest(inRegistry(name, login, cancellation));
    }

    private Digest inRegistry(ImageRef name, Optional<RegistryLogin> login, Cancellation cancellation) {
        String tried = "ask for image " + name;
        EngineSocket.Answer answer = ask(tried, name, login, cancellation);
        if (!answer.isAccepted()) {
            throw refused(tried, name, answer.message(), null);
        }
        try {
            Digest digest = new Digest(EngineJson.firstText(answer.body(), "digest"));
            if (name.digest().isPresent() && !name.digest().get().equals(digest)) {
                throw unavailable(name, "the registry has %s under that name".formatted(digest));
            }
            return digest;
        } catch (IOException | IllegalArgumentException damaged) {
            throw pullFailed(tried, name, "the registry's answer names no digest", damaged);
        }
    }

    private EngineSocket.Answer ask(
            String tried, ImageRef name, Optional<RegistryLogin> login, Cancellation cancellation) {
        try {
            return calls.ask(
                    tried,
                    "/distribution/%s/json".formatted(reference(name)),
                    login.map(it -> REGISTRY_AUTH + EngineJson.login(it)).orElse(""),
                    cancellation);
        } catch (ExecutorException failed) {
            // The engine waits as long as its registry.
            throw failed.getCause() instanceof Bounded.LateException late
                    ? pullFailed(tried, name, String.valueOf(late.getMessage()), failed)
                    : failed;
        }
    }

    /** Pulls only what the engine does not have; a pull ends with the stage. */
    ImageConfig find(
            ImageRef name, Optional<RegistryLogin> login, Deadline deadline, JobLog log, Cancellation cancellation) {
        Optional<ImageConfig> present = inspect(name);
        if (present.isEmpty()) {
            log.fact("pulling " + name);
            pull(name, login, deadline.orAfter(PULL_LIMIT).remaining(), cancellation);
        }
        return present.or(() -> inspect(name)).orElseThrow(() -> unavailable(name, "it is not there after the pull"));
    }

    /** Without docker-java, which takes a strange port for a damaged answer. */
    private Optional<ImageConfig> inspect(ImageRef name) {
        String tried = "look for image " + name;
        EngineSocket.Answer answer =
                calls.ask(tried, "/images/%s/json".formatted(reference(name)), "", new Cancellation());
        if (answer.isNotFound()) {
            return Optional.empty();
        }
        String json = calls.accepted(tried, answer);
        try {
            return Optional.of(ImageConfig.parse(name, json));
        } catch (IOException damaged) {
            throw calls.unreachable(tried, damaged);
        }
    }

    private static String reference(ImageRef name) {
        return name.repository() + name.digest().map(digest -> "@" + digest).orElseGet(() -> ":" + tag(name));
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
            throw refused(tried, name, failed.failure().saw(), failed);
        }
    }

    private static ExecutorException refused(String tried, ImageRef name, String saw, @Nullable Throwable cause) {
        return REFUSED.matcher(saw).find() ? unavailable(name, saw) : pullFailed(tried, name, saw, cause);
    }

    private static String tag(ImageRef name) {
        return name.tag().orElse("latest");
    }

    private static ExecutorException unavailable(ImageRef name, String saw) {
        return new ExecutorException(new Failure(
                FailureCode.IMAGE_UNAVAILABLE,
                "use image " + name,
                "the container engine and the image's registry",
                saw,
                "Correct the name, or give the job's project access to the registry."));
    }

    private static ExecutorException pullFailed(String tried, ImageRef name, String saw, @Nullable Throwable cause) {
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
