package dev.gitopsexecutor.job;

import dev.gitopsexecutor.deploy.DeploySecrets;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.ledger.Ledger;
import dev.gitopsexecutor.ledger.SecretField;
import dev.gitopsexecutor.ledger.SecretSighting;
import dev.gitopsexecutor.ledger.SecretSighting.Version;
import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.policy.EnvironmentRule;
import dev.gitopsexecutor.policy.SecretAge;
import dev.gitopsexecutor.policy.SecretAgeRule;
import dev.gitopsexecutor.secrets.SecretHashKey;
import dev.gitopsexecutor.secrets.SecretRef;
import dev.gitopsexecutor.secrets.SecretVersion;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How old the values are that a deploy has read: as old as the first version in which this machine has seen the same
 * value, which is at least the version that was read. What was never seen before may be older than it is told.
 */
final class SecretAges {
    private final Path stateDirectory;
    private final EnvironmentRule rule;
    private final JobLog log;

    SecretAges(Path stateDirectory, EnvironmentRule rule, JobLog log) {
        this.stateDirectory = stateDirectory;
        this.rule = rule;
        this.log = log;
    }

    /**
     * What was read.
     *
     * @param ages of those that have a version, by what they are called in messages
     */
    record Seen(SortedMap<EnvKey, SecretSighting> sightings, SortedMap<String, Duration> ages) {}

    /**
     * Records the values as seen, whatever becomes of the deploy: the next version with the same value must not seem newer.
     * Prints a line for each that is not fresh. Throws {@code STATE_UNUSABLE} or {@code LEDGER_FAILED}.
     */
    Seen see(SortedMap<EnvKey, SecretRef> wanted, DeploySecrets secrets, Instant now) {
        if (wanted.isEmpty()) {
            return new Seen(Collections.emptySortedMap(), Collections.emptySortedMap());
        }
        try (var _ = log.section("gitops_secret_ages", "Age of the secrets");
                Ledger ledger = Ledger.open(Ledger.in(stateDirectory))) {
            SecretHashKey key = SecretHashKey.open(SecretHashKey.in(stateDirectory));
            if (key.isFresh() && ledger.hasSeenSecrets()) {
                log.warning(
                        "  %s was lost and is made anew: no value is known any more, so each is as old as its version. With"
                                        .formatted(SecretHashKey.in(stateDirectory))
                                + " the old file put back, they are as old as they were.");
            }
            SortedMap<EnvKey, SecretSighting> sightings = sightings(wanted, secrets, key);
            Map<SecretSighting, Version> firsts = ledger.see(sightings.values(), now);
            SortedMap<String, Duration> ages = new TreeMap<>();
            sightings.forEach((variable, secret) -> {
                String name = "%s (%s)".formatted(variable, secret.field());
                Optional<Version> first = Optional.ofNullable(firsts.get(secret));
                first.ifPresentOrElse(
                        version -> {
                            Duration age = version.ageAt(now);
                            ages.put(name, age);
                            print(name, age, secret, version);
                        },
                        () -> log.fact(name + " has no version, so nobody can tell its age"));
            });
            long fresh = ages.values().stream()
                    .filter(age -> rule.secretAge().of(age) == SecretAge.FRESH)
                    .count();
            log.fact("%d of %d are younger than %d days"
                    .formatted(
                            fresh, sightings.size(), rule.secretAge().notice().toDays()));
            return new Seen(sightings, ages);
        }
    }

    /** The same; empty when nobody can tell and {@code need} goes on without. */
    Optional<Seen> seeIfPossible(SortedMap<EnvKey, SecretRef> wanted, DeploySecrets secrets, Instant now, Need need) {
        return need.orWithout(() -> see(wanted, secrets, now), "Nobody can tell how old the secrets are.");
    }

    private SortedMap<EnvKey, SecretSighting> sightings(
            SortedMap<EnvKey, SecretRef> wanted, DeploySecrets secrets, SecretHashKey key) {
        SortedMap<EnvKey, SecretSighting> sightings = new TreeMap<>();
        wanted.forEach((variable, ref) -> {
            SecretField field = new SecretField(rule.vault().mount(), ref.path(), ref.key());
            Optional.ofNullable(secrets.values().get(variable))
                    .ifPresent(value -> sightings.put(
                            variable,
                            new SecretSighting(field, key.hash(field.toString(), value), version(ref, secrets))));
        });
        return sightings;
    }

    /** The one that is named, else the newest that was read; empty when the path has no versions. */
    private static Optional<Version> version(SecretRef ref, DeploySecrets secrets) {
        return secrets.versions().stream()
                .filter(version -> ref.kind() == SecretRef.Kind.KV
                        && version.path().equals(ref.path())
                        && (ref.version().isEmpty() || ref.version().getAsLong() == version.version()))
                .max(Comparator.comparingLong(SecretVersion::version))
                .map(version -> new Version(version.version(), version.created()));
    }

    private void print(String name, Duration age, SecretSighting secret, Version first) {
        SecretAgeRule limits = rule.secretAge();
        String known =
                secret.version().filter(read -> read.number() != first.number()).isPresent()
                        ? ", for its value is that of version %d".formatted(first.number())
                        : "";
        String line = "%s is %d days old%s".formatted(name, age.toDays(), known);
        long overdue = limits.overdue().toDays();
        switch (limits.of(age)) {
            case FRESH -> {}
            case NOTICE -> log.fact("%s; overdue at %d: plan a new value".formatted(line, overdue));
            case WARN ->
                log.warning("  %s; overdue at %d: write a new value in Vault, then deploy".formatted(line, overdue));
            case OVERDUE ->
                log.warning("  %s; overdue since %d%s: write a new value in Vault, then deploy"
                        .formatted(
                                line,
                                overdue,
                                limits.block()
                                        .map(limit -> ", refused at " + limit.toDays())
                                        .orElse("")));
            case BLOCKED ->
                log.warning("  %s; refused since %d: write a new value in Vault, then deploy"
                        .formatted(line, limits.block().orElseThrow().toDays()));
        }
    }
}
