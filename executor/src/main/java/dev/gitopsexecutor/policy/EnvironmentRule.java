package dev.gitopsexecutor.policy;

import dev.gitopsexecutor.model.EnvironmentName;
import java.util.List;
import java.util.Optional;

/**
 * Everything that the policy says of one environment. Lists that are empty allow nobody and nothing.
 *
 * @param jobs what a job must be
 * @param gates when a release may come, and after what
 * @param sandbox of the job's containers
 * @param images repositories that a release may run
 * @param hosts in the order of the file
 * @param ssh what logs in to each of them
 * @param directory on each host, absolute
 * @param secretAge of what its jobs read
 */
public record EnvironmentRule(
        EnvironmentName name,
        Tier tier,
        JobConditions jobs,
        Gates gates,
        SandboxRule sandbox,
        List<String> images,
        List<HostRule> hosts,
        SshRule ssh,
        String directory,
        VaultRule vault,
        Optional<RegistryRule> registry,
        SecretAgeRule secretAge) {

    public EnvironmentRule {
        images = List.copyOf(images);
        hosts = List.copyOf(hosts);
    }

    /** Whether the ref must be protected; in production always. */
    boolean needsProtectedRef() {
        return jobs.protectedRef() || tier == Tier.PRODUCTION;
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
