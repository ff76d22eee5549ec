package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.io.Sha256;
import dev.gitopsexecutor.model.CommitSha;
import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.ServiceName;
import dev.gitopsexecutor.policy.EnvironmentRule;
import dev.gitopsexecutor.secrets.EnvFile;
import dev.gitopsexecutor.secrets.SecretRef;
import dev.gitopsexecutor.secrets.SecretValue;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a plan knows of the release that is to come.
 *
 * @param images with their digests, as far as they are known
 * @param variables of the env file, with the values that were read
 * @param jobs as in {@link Workload}
 * @param replicas as in {@link Workload}, where Compose has read the file
 * @param latest what a rollback on purpose to it reads anew, by name
 * @param files SHA-256 of those files whose content is known, by the names of {@link Release#fileHashes}
 */
record WantedRelease(
        SortedMap<ServiceName, ImageRef> images,
        CheckSpec checks,
        String compose,
        SortedMap<EnvKey, Optional<SecretValue>> variables,
        CommitSha commit,
        SortedSet<ServiceName> jobs,
        Optional<SortedMap<ServiceName, Integer>> replicas,
        SchemaSpec schema,
        SortedMap<EnvKey, SecretRef> latest,
        Map<String, String> files) {

    WantedRelease {
        images = Collections.unmodifiableSortedMap(new TreeMap<>(images));
        variables = Collections.unmodifiableSortedMap(new TreeMap<>(variables));
        jobs = Collections.unmodifiableSortedSet(new TreeSet<>(jobs));
        latest = Collections.unmodifiableSortedMap(new TreeMap<>(latest));
        files = Map.copyOf(files);
    }

    /** What a release's record says, so that two may be of the same files and still be two. */
    enum Part {
        IMAGES,
        CHECKS,
        JOBS,
        REPLICAS,
        SCHEMA,
        LATEST
    }

    static WantedRelease of(Release release) {
        SortedMap<EnvKey, Optional<SecretValue>> variables = new TreeMap<>();
        release.variables().forEach((key, value) -> variables.put(key, Optional.of(value)));
        ReleaseRecord record = release.record();
        return new WantedRelease(
                record.images(),
                record.checks(),
                release.compose(),
                variables,
                record.origin().sha(),
                record.workload().jobs(),
                Optional.of(record.workload().replicas()),
                record.schema(),
                record.latest(),
                release.fileHashes());
    }

    /** Without what only Vault and Compose know. */
    static WantedRelease of(
            DeploySpec spec,
            CommitSha commit,
            SortedMap<ServiceName, ImageRef> images,
            EnvironmentRule rule,
            String compose,
            ShippedFiles shipped) {
        EnvironmentSpec environment = spec.environment(rule.name());
        SortedMap<EnvKey, Optional<SecretValue>> variables = new TreeMap<>();
        environment.secrets().keySet().forEach(key -> variables.put(key, Optional.empty()));
        SortedMap<EnvKey, SecretValue> plain = new TreeMap<>();
        environment.values().forEach((key, value) -> plain.put(key, SecretValue.of(value)));
        plain.forEach((key, value) -> variables.put(key, Optional.of(value)));
        Map<String, String> files = new HashMap<>();
        files.put("compose.yaml", Sha256.hex(compose));
        files.put("files", shipped.hash());
        if (environment.secrets().isEmpty()) {
            files.put(".env", Sha256.hex(EnvFile.render(plain).reveal()));
        }
        if (images.values().stream().allMatch(image -> image.digest().isPresent())) {
            files.put("compose.override.yaml", Sha256.hex(ComposeOverride.render(images)));
        }
        return new WantedRelease(
                images,
                spec.checks(rule),
                compose,
                variables,
                commit,
                spec.jobs(),
                Optional.empty(),
                spec.schema(),
                environment.latestSecrets(),
                files);
    }

    /** What is other than in {@code record}; what is not known counts as the same. */
    Set<Part> differences(ReleaseRecord record) {
        Set<Part> others = EnumSet.noneOf(Part.class);
        if (!record.images().keySet().equals(images.keySet())
                || images.entrySet().stream()
                        .filter(image -> image.getValue().digest().isPresent())
                        .anyMatch(image ->
                                !image.getValue().equals(record.images().get(image.getKey())))) {
            others.add(Part.IMAGES);
        }
        if (!record.checks().equals(checks)) {
            others.add(Part.CHECKS);
        }
        if (!record.workload().jobs().equals(jobs)) {
            others.add(Part.JOBS);
        }
        if (replicas.filter(wanted -> !wanted.equals(record.workload().replicas()))
                .isPresent()) {
            others.add(Part.REPLICAS);
        }
        if (!record.schema().equals(schema)) {
            others.add(Part.SCHEMA);
        }
        if (!record.latest().equals(latest)) {
            others.add(Part.LATEST);
        }
        return others;
    }
}
