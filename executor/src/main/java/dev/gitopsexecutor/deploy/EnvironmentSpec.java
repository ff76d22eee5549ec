package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.secrets.SecretRef;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/** The content of the env file in one environment: plain values, and where the secret ones are. No key is in both. */
public record EnvironmentSpec(SortedMap<EnvKey, String> values, SortedMap<EnvKey, SecretRef> secrets) {

    public EnvironmentSpec {
        values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
        secrets = Collections.unmodifiableSortedMap(new TreeMap<>(secrets));
    }
}
