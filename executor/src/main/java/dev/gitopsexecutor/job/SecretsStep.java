package dev.gitopsexecutor.job;

import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.deploy.DeploySecrets;
import dev.gitopsexecutor.deploy.DeploySpec;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.model.RegistryLogin;
import dev.gitopsexecutor.policy.Allowed;
import dev.gitopsexecutor.policy.EnvironmentRule;
import dev.gitopsexecutor.runner.JobResponse;
import dev.gitopsexecutor.secrets.Credential;
import dev.gitopsexecutor.secrets.SecretReader;
import dev.gitopsexecutor.secrets.SecretRef;
import dev.gitopsexecutor.secrets.SecretValue;
import dev.gitopsexecutor.secrets.SecretVersion;
import dev.gitopsexecutor.secrets.Vault;
import dev.gitopsexecutor.secrets.VaultSession;
import java.util.Optional;
import java.util.SortedMap;
import java.util.stream.Collectors;

/** Reads everything that a deploy needs from Vault, once, with the job's own identity. */
final class SecretsStep {
    private final ExecutorConfig config;
    private final JobResponse response;
    private final Stages.Session session;

    SecretsStep(ExecutorConfig config, JobResponse response, Stages.Session session) {
        this.config = config;
        this.response = response;
        this.session = session;
    }

    /** The token of Vault is revoked before this returns. */
    DeploySecrets read(Allowed allowed, DeploySpec spec, SortedMap<EnvKey, SecretRef> wanted) {
        EnvironmentRule rule = allowed.environment();
        JobLog log = session.log();
        try (var _ = log.section("gitops_secrets", "Reading secrets");
                VaultSession vault = new Vault(config.vault())
                        .login(allowed.identity(), rule.vault().role())) {
            log.fact("logged in to %s as role %s"
                    .formatted(config.vault().address(), rule.vault().role()));
            var reader =
                    new SecretReader(vault, rule.vault().mount(), rule.vault().paths(), session.masker());
            SortedMap<EnvKey, SecretValue> values = reader.read(wanted);
            Optional<RegistryLogin> login = login(rule, spec, reader);
            for (SecretVersion version : vault.versions()) {
                log.fact("%s/%s, version %d of %s"
                        .formatted(rule.vault().mount(), version.path(), version.version(), version.created()));
            }
            log.fact("secrets for the env file: "
                    + (values.isEmpty()
                            ? "none"
                            : values.keySet().stream().map(EnvKey::value).collect(Collectors.joining(", "))));
            vault.revoke().ifPresent(problem -> log.warning("The Vault token lives until it expires: " + problem));
            return new DeploySecrets(values, vault.versions(), login);
        }
    }

    /** The policy's credential for its registry; else what GitLab gave the job for the images' registry, if anything. */
    private Optional<RegistryLogin> login(EnvironmentRule rule, DeploySpec spec, SecretReader reader) {
        if (rule.registry().isPresent()) {
            var registry = rule.registry().get();
            Credential credential = reader.readCredential(registry.credentials());
            return Optional.of(new RegistryLogin(
                    registry.address(),
                    credential.username(),
                    credential.password().reveal()));
        }
        return spec.services().values().stream()
                .flatMap(image -> image.registry().stream())
                .flatMap(address -> response.registryLogin(address).stream())
                .findFirst();
    }
}
