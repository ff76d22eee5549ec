package dev.gitopsexecutor.policy;

import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.model.ProjectId;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Everything that the policy says of one environment. Lists that are empty allow nobody and nothing.
 *
 * @param refs full ref paths, {@code *} matching within one path segment
 * @param jobImages images in which the job's own script may run, compared as written
 * @param images repositories that a release may run
 * @param hosts in the order of the file
 * @param directory on each host, absolute
 */
public record EnvironmentRule(
        EnvironmentName name,
        Tier tier,
        Set<ProjectId> projects,
        List<String> refs,
        boolean requireProtectedRef,
        List<String> jobImages,
        List<String> images,
        List<HostRule> hosts,
        Path sshKeyFile,
        String directory,
        VaultRule vault,
        Optional<RegistryRule> registry) {

    public EnvironmentRule {
        projects = Set.copyOf(projects);
        refs = List.copyOf(refs);
        jobImages = List.copyOf(jobImages);
        images = List.copyOf(images);
        hosts = List.copyOf(hosts);
    }

    /**
     * What a job of this environment may read.
     *
     * @param role of the JWT auth mount
     * @param mount of the KV v2 engine
     * @param paths each allows itself and what is below it
     */
    public record VaultRule(String role, String mount, List<String> paths) {
        public VaultRule {
            paths = List.copyOf(paths);
        }
    }

    /**
     * Where hosts pull from.
     *
     * @param credentials path in the KV mount with the keys {@code username} and {@code password}
     */
    public record RegistryRule(String address, String credentials) {}
}
