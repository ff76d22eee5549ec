package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.secrets.SecretRef;
import java.net.URI;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The content of the env file in one environment: plain values, and where the secret ones are. No key is in two of the
 * three.
 *
 * @param without which the environment does deliberately, though that below it has them
 * @param latest those of {@code secrets} that a rollback on purpose reads anew, for their old values are revoked
 * @param url where users come to: scheme and authority; empty where there is no such place
 */
public record EnvironmentSpec(
        SortedMap<EnvKey, String> values,
        SortedMap<EnvKey, SecretRef> secrets,
        SortedSet<EnvKey> without,
        SortedSet<EnvKey> latest,
        Optional<URI> url) {

    public EnvironmentSpec {
        values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
        secrets = Collections.unmodifiableSortedMap(new TreeMap<>(secrets));
        without = Collections.unmodifiableSortedSet(new TreeSet<>(without));
        latest = Collections.unmodifiableSortedSet(new TreeSet<>(latest));
    }

    /** Where {@link #latest} are. */
    SortedMap<EnvKey, SecretRef> latestSecrets() {
        SortedMap<EnvKey, SecretRef> refs = new TreeMap<>(secrets);
        refs.keySet().retainAll(latest);
        return refs;
    }

    /** Of the variables in the env file. */
    public SortedSet<EnvKey> names() {
        SortedSet<EnvKey> names = new TreeSet<>(values.keySet());
        names.addAll(secrets.keySet());
        return names;
    }
}
