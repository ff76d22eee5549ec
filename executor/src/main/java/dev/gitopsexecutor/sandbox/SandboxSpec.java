package dev.gitopsexecutor.sandbox;

import dev.gitopsexecutor.model.Endpoint;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.JobId;
import dev.gitopsexecutor.model.ProjectId;
import dev.gitopsexecutor.model.RegistryLogin;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * What one job asks for, and what its environment lets it have.
 *
 * @param refProtected whether GitLab protects the ref that the job runs on
 * @param runnerVersion the runner's own, where it tells it
 * @param jobImage with the digest that was decided on, where it has one
 * @param egress what the script reaches beyond its own container; nothing when empty
 * @param deadline when all containers end by themselves, whoever is still alive
 * @param labels further ones for whoever looks at the engine, without their common prefix; never from what the author
 *     can write
 */
public record SandboxSpec(
        JobId job,
        ProjectId project,
        boolean refProtected,
        Optional<String> runnerVersion,
        Image jobImage,
        List<Service> services,
        List<Endpoint> egress,
        Requirements requirements,
        Instant deadline,
        Map<String, String> labels) {

    public SandboxSpec {
        services = List.copyOf(services);
        egress = List.copyOf(egress);
        labels = Map.copyOf(labels);
    }

    /** The same with other images. */
    public SandboxSpec withImages(UnaryOperator<Image> change) {
        return new SandboxSpec(
                job,
                project,
                refProtected,
                runnerVersion,
                change.apply(jobImage),
                services.stream()
                        .map(service -> service.withImage(change.apply(service.image)))
                        .toList(),
                egress,
                requirements,
                deadline,
                labels);
    }

    /** {@code login} is for the image's registry. */
    public record Image(ImageRef name, Optional<RegistryLogin> login) {}

    /**
     * A container beside the script, on the same loopback addresses.
     *
     * @param aliases under which the script finds it
     * @param entrypoint in place of the image's own; that when empty
     * @param command in place of the image's own; that when empty
     */
    public record Service(
            Image image,
            List<String> aliases,
            List<String> entrypoint,
            List<String> command,
            Map<String, String> variables) {
        public Service {
            aliases = List.copyOf(aliases);
            entrypoint = List.copyOf(entrypoint);
            command = List.copyOf(command);
            variables = Map.copyOf(variables);
        }

        private Service withImage(Image other) {
            return new Service(other, aliases, entrypoint, command, variables);
        }
    }

    /** What not every machine has, and this job must. */
    public record Requirements(boolean appArmor, boolean userNamespace) {
        public static final Requirements NONE = new Requirements(false, false);
    }
}
