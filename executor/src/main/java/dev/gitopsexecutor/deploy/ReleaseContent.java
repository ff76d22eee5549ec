package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.ServiceName;
import dev.gitopsexecutor.secrets.SecretRef;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a release consists of, whoever brought it and whenever.
 *
 * @param images with tag and digest
 * @param checks that it passed, or is to pass; a rollback repeats them
 * @param secrets by path in Vault, the version that was read, the newest of several
 * @param latest what a rollback on purpose to it reads anew, by name
 * @param schema of the database, as it leaves it
 * @param files hash of the files that travelled with it; empty where an earlier version wrote it, without any
 */
record ReleaseContent(
        SortedMap<ServiceName, ImageRef> images,
        CheckSpec checks,
        SortedMap<String, Long> secrets,
        SortedMap<EnvKey, SecretRef> latest,
        SchemaSpec schema,
        Workload workload,
        Optional<String> files) {

    ReleaseContent {
        images = Collections.unmodifiableSortedMap(new TreeMap<>(images));
        secrets = Collections.unmodifiableSortedMap(new TreeMap<>(secrets));
        latest = Collections.unmodifiableSortedMap(new TreeMap<>(latest));
    }

    ReleaseContent withSecrets(SortedMap<String, Long> versions) {
        return new ReleaseContent(images, checks, versions, latest, schema, workload, files);
    }
}
