package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.model.RegistryLogin;
import dev.gitopsexecutor.secrets.SecretValue;
import dev.gitopsexecutor.secrets.SecretVersion;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What Vault gave for one deploy; the masker knows every value already.
 *
 * @param values of the secrets that {@code deploy.yaml} names
 * @param versions that the values came from, for the record
 * @param registry what hosts log in to the registry with; empty when no login is needed
 */
public record DeploySecrets(
        SortedMap<EnvKey, SecretValue> values, List<SecretVersion> versions, Optional<RegistryLogin> registry) {

    public static final DeploySecrets NONE =
            new DeploySecrets(Collections.emptySortedMap(), List.of(), Optional.empty());

    public DeploySecrets {
        values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
        versions = List.copyOf(versions);
    }
}
