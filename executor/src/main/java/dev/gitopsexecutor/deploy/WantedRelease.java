package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.model.CommitSha;
import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.ServiceName;
import dev.gitopsexecutor.secrets.SecretValue;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a plan knows of the release that is to come.
 *
 * @param images with their digests, as far as they are known
 * @param variables of the env file, with the values that were read
 * @param files SHA-256 of each file by its name, when all of them are known
 */
record WantedRelease(
        SortedMap<ServiceName, ImageRef> images,
        CheckSpec checks,
        String compose,
        SortedMap<EnvKey, Optional<SecretValue>> variables,
        CommitSha commit,
        SchemaSpec schema,
        Optional<Map<String, String>> files) {

    WantedRelease {
        images = Collections.unmodifiableSortedMap(new TreeMap<>(images));
        variables = Collections.unmodifiableSortedMap(new TreeMap<>(variables));
    }

    static WantedRelease of(Release release) {
        SortedMap<EnvKey, Optional<SecretValue>> variables = new TreeMap<>();
        release.variables().forEach((key, value) -> variables.put(key, Optional.of(value)));
        return new WantedRelease(
                release.record().images(),
                release.record().checks(),
                release.compose(),
                variables,
                release.record().origin().sha(),
                release.record().schema(),
                Optional.of(release.fileHashes()));
    }

    /** Without the values that only Vault has. */
    static WantedRelease of(
            DeploySpec spec,
            CommitSha commit,
            SortedMap<ServiceName, ImageRef> images,
            EnvironmentSpec environment,
            String compose) {
        SortedMap<EnvKey, Optional<SecretValue>> variables = new TreeMap<>();
        environment.secrets().keySet().forEach(key -> variables.put(key, Optional.empty()));
        environment.values().forEach((key, value) -> variables.put(key, Optional.of(SecretValue.of(value))));
        return new WantedRelease(images, spec.checks(), compose, variables, commit, spec.schema(), Optional.empty());
    }
}
