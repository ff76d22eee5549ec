package dev.gitopsexecutor.sandbox;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.io.Cancellation;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The engine's whole API, each call with an end and its failure in our words. */
final class Engine implements AutoCloseable {
    private final EngineSocket socket;
    private @Nullable DockerClient client;

    /** {@code socket} says where the engine is, and by which version of the API to speak to it. */
    Engine(EngineSocket socket) {
        this.socket = socket;
    }

    /** {@code tried} is an infinitive without "to". */
    <T> T call(String tried, Duration limit, Function<DockerClient, T> act) {
        return call(tried, limit, new Cancellation(), act);
    }

    /** Hangs up on the engine and throws {@code CANCELED} as soon as the stage shall end. */
    <T> T call(String tried, Duration limit, Cancellation cancellation, Function<DockerClient, T> act) {
        try {
            return Bounded.within(limit, cancellation, () -> act.apply(client()));
        } catch (CancellationException canceled) {
            throw EngineFailures.canceled(tried);
        } catch (DockerException refused) {
            throw EngineFailures.refused(
                    tried, socket.path(), EngineJson.message(String.valueOf(refused.getMessage())), refused);
        } catch (IOException | RuntimeException failed) {
            throw failed instanceof ExecutorException known
                    ? known
                    : EngineFailures.unreachable(tried, socket.path(), failed);
        }
    }

    /** Empty when the engine knows no such thing. */
    <T> Optional<T> find(String tried, Duration limit, Function<DockerClient, T> act) {
        return call(tried, limit, docker -> {
            try {
                return Optional.of(act.apply(docker));
            } catch (NotFoundException absent) {
                return Optional.empty();
            }
        });
    }

    /** Built on first use: it is the dearest part of a short process. Takes nothing from environment or home. */
    private synchronized DockerClient client() throws IOException {
        DockerClient made = client;
        if (made == null) {
            DockerClientConfig config = new DefaultDockerClientConfig.Builder()
                    .withDockerHost("unix://" + socket.path())
                    .withApiVersion(socket.apiVersion())
                    .withDockerTlsVerify(false)
                    .withDockerConfig("/dev/null")
                    .build();
            made = DockerClientImpl.getInstance(
                    config,
                    new ZerodepDockerHttpClient.Builder()
                            .dockerHost(config.getDockerHost())
                            .build());
            client = made;
        }
        return made;
    }

    @Override
    public synchronized void close() {
        if (client != null) {
            try {
                client.close();
            } catch (IOException nothingToSave) {
                // Only idle connections are lost.
            }
        }
    }
}
