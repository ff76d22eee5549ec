package dev.gitopsexecutor.testbed;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.model.AuthConfig;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.PortBinding;
import com.github.dockerjava.api.model.Ports;
import com.github.dockerjava.api.model.PushResponseItem;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.builder.Transferable;

/** A registry with a password: {@code registry.test:5000} for the hosts, a loopback port for this machine. */
public final class Registry {
    /** As in policy and image names. */
    public static final String ADDRESS = "registry.test:5000";

    private static final int PORT = 5000;
    private static final String CONFIG = """
            version: 0.1
            log: {level: warn}
            storage: {filesystem: {rootdirectory: /var/lib/registry}, delete: {enabled: true}}
            http: {addr: ":5000"}
            auth: {htpasswd: {realm: testbed, path: /registry/htpasswd}}
            """;

    private final TestContainer container;
    private final String username = "shop-puller";
    private final String password;

    private Registry(TestContainer container, String password) {
        this.container = container;
        this.password = password;
    }

    static Registry prepare(TestNetwork network, Owner owner, String password) {
        TestContainer container = new TestContainer(
                network,
                owner,
                network.address(2),
                config -> config.withPortBindings(
                        new PortBinding(Ports.Binding.bindIp("127.0.0.1"), new ExposedPort(PORT))));
        Registry registry = new Registry(container, password);
        container
                .withNetworkAliases(ADDRESS.substring(0, ADDRESS.indexOf(':')))
                .withExposedPorts(PORT)
                .withCopyToContainer(Transferable.of(CONFIG), "/registry/config.yml")
                .withCopyToContainer(Transferable.of(password), "/registry/password")
                .withCommand(
                        "sh",
                        "-c",
                        "htpasswd -niB %s </registry/password >/registry/htpasswd && exec docker-registry serve /registry/config.yml"
                                .formatted(registry.username))
                .waitingFor(Wait.forSuccessfulCommand("curl -s http://127.0.0.1:5000/v2/"));
        return registry;
    }

    void start() {
        container.start();
    }

    void close() {
        container.close();
    }

    /** Hangs: nobody gets an image, or a word. */
    public void pause() {
        container
                .getDockerClient()
                .pauseContainerCmd(container.getContainerId())
                .exec();
    }

    /** Ends a {@link #pause}. */
    public void resume() {
        container
                .getDockerClient()
                .unpauseContainerCmd(container.getContainerId())
                .exec();
    }

    public String username() {
        return username;
    }

    public String password() {
        return password;
    }

    /** The same registry as this machine sees it. */
    public String loopbackAddress() {
        return "127.0.0.1:" + container.getMappedPort(PORT);
    }

    /**
     * Pushes an image that this machine's engine has under {@link #loopbackAddress}.
     *
     * @return its digest
     */
    String push(DockerClient docker, String repository, String tag) throws IOException, InterruptedException {
        docker.pushImageCmd(loopbackAddress() + "/" + repository)
                .withTag(tag)
                .withAuthConfig(new AuthConfig().withUsername(username).withPassword(password))
                .exec(new ResultCallback.Adapter<PushResponseItem>())
                .awaitCompletion();
        return digest(repository, tag);
    }

    /** What the registry says that the tag is now. */
    public String digest(String repository, String tag) throws IOException, InterruptedException {
        HttpResponse<Void> answer = send("HEAD", repository, tag);
        return answer.headers()
                .firstValue("Docker-Content-Digest")
                .orElseThrow(() -> new TestbedException(
                        "no digest of %s:%s, status %d".formatted(repository, tag, answer.statusCode())));
    }

    /** Nobody can pull the image any more. */
    public void delete(String repository, String digest) throws IOException, InterruptedException {
        HttpResponse<Void> answer = send("DELETE", repository, digest);
        if (answer.statusCode() != 202) {
            throw new TestbedException("deleting %s@%s: status %d".formatted(repository, digest, answer.statusCode()));
        }
    }

    private HttpResponse<Void> send(String method, String repository, String reference)
            throws IOException, InterruptedException {
        String login = Base64.getEncoder().encodeToString((username + ":" + password).getBytes(StandardCharsets.UTF_8));
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create(
                                    "http://" + loopbackAddress() + "/v2/" + repository + "/manifests/" + reference))
                            .header("Authorization", "Basic " + login)
                            .header("Accept", "application/vnd.docker.distribution.manifest.v2+json")
                            .method(method, HttpRequest.BodyPublishers.noBody())
                            .build(),
                    HttpResponse.BodyHandlers.discarding());
        }
    }
}
