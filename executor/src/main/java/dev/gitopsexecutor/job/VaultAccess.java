package dev.gitopsexecutor.job;

import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.model.ProjectName;
import dev.gitopsexecutor.model.RegistryLogin;
import dev.gitopsexecutor.policy.EnvironmentRule.DynamicRule;
import dev.gitopsexecutor.policy.EnvironmentRule.RegistryRule;
import dev.gitopsexecutor.policy.EnvironmentRule.VaultRule;
import dev.gitopsexecutor.secrets.Credential;
import dev.gitopsexecutor.secrets.HeldTokens;
import dev.gitopsexecutor.secrets.KvEngine;
import dev.gitopsexecutor.secrets.Masker;
import dev.gitopsexecutor.secrets.SecretReader;
import dev.gitopsexecutor.secrets.SecretScope;
import dev.gitopsexecutor.secrets.Vault;
import java.time.InstantSource;
import java.util.List;

/** Vault as this machine's configuration and the policy say. */
final class VaultAccess {
    private VaultAccess() {}

    static Vault of(ExecutorConfig config, Masker masker, InstantSource clock) {
        return new Vault(config.vault(), new HeldTokens(config.stateDir()), masker, clock);
    }

    static SecretScope scope(VaultRule rule) {
        return new SecretScope(
                new KvEngine(rule.mount(), rule.kvVersion()),
                rule.paths(),
                rule.dynamic().map(DynamicRule::paths).orElse(List.of()),
                rule.shortSecrets());
    }

    /** Whose releases are compared when something was made for one: they have one directory. */
    static String place(EnvironmentName environment, ProjectName project) {
        return "%s/%s".formatted(environment, project);
    }

    /** Reads the policy's credential for its registry. */
    static RegistryLogin registryLogin(RegistryRule registry, SecretReader reader) {
        Credential credential = reader.readCredential(registry.credentials());
        return new RegistryLogin(
                registry.address(), credential.username(), credential.password().reveal());
    }
}
