package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.io.Sha256;
import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.model.JobId;
import dev.gitopsexecutor.model.ReleaseId;
import dev.gitopsexecutor.secrets.EnvFile;
import dev.gitopsexecutor.secrets.SecretValue;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;

/** One unit of rollback, as it is about to be written to hosts: its record, both Compose files, the env file and the files that travel along. */
final class Release {
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd't'HHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final ReleaseRecord record;
    private final String compose;
    private final ShippedFiles shipped;
    private final SortedMap<EnvKey, SecretValue> variables;
    private final List<StartStep> steps;
    private final Way way;

    /** How its files come to be on hosts. */
    private enum Way {
        WRITTEN,
        COPIED,
        STORED
    }

    /**
     * @param variables the env file's whole content
     * @param steps in which its services start
     */
    Release(
            ReleaseRecord record,
            String compose,
            ShippedFiles shipped,
            SortedMap<EnvKey, SecretValue> variables,
            List<StartStep> steps) {
        this(record, compose, shipped, variables, steps, Way.WRITTEN);
    }

    private Release(
            ReleaseRecord record,
            String compose,
            ShippedFiles shipped,
            SortedMap<EnvKey, SecretValue> variables,
            List<StartStep> steps,
            Way way) {
        this.record = record;
        this.compose = compose;
        this.shipped = shipped;
        this.variables = variables;
        this.steps = List.copyOf(steps);
        this.way = way;
    }

    /** One that every host has, whole, to be brought back as it is: its record is all that is needed. */
    static Release stored(ReleaseRecord record) {
        return brought(record, Collections.emptySortedMap(), Way.STORED);
    }

    /** The same with another env file; the other files are copied on each host. */
    static Release copy(ReleaseRecord record, SortedMap<EnvKey, SecretValue> variables) {
        return brought(record, variables, Way.COPIED);
    }

    /** No job runs again. */
    private static Release brought(ReleaseRecord record, SortedMap<EnvKey, SecretValue> variables, Way way) {
        return new Release(record, "", ShippedFiles.NONE, variables, List.of(StartStep.staying(record)), way);
    }

    /** Whether it is brought back on purpose, stored or copied. */
    boolean isBroughtBack() {
        return way != Way.WRITTEN;
    }

    /** Whether its files outlive its failure: they were proven before. */
    boolean isStored() {
        return way == Way.STORED;
    }

    /** Sorts by time; a retried job is another one. */
    static ReleaseId newId(Instant now, Origin origin) {
        return newId(now, origin, origin.job());
    }

    /** @param job that makes it of what {@code origin} brought */
    static ReleaseId newId(Instant now, Origin origin, JobId job) {
        return new ReleaseId("%s-%d-%d-%s"
                .formatted(
                        STAMP.format(now),
                        origin.pipeline(),
                        job.value(),
                        origin.sha().abbreviated()));
    }

    ReleaseRecord record() {
        return record;
    }

    String compose() {
        return compose;
    }

    String override() {
        return ComposeOverride.render(record.images());
    }

    ShippedFiles shipped() {
        return shipped;
    }

    List<StartStep> steps() {
        return steps;
    }

    SortedMap<EnvKey, SecretValue> variables() {
        return variables;
    }

    SecretValue envFile() {
        return EnvFile.render(variables);
    }

    /** SHA-256 of each file by its name, one of all that travel along, to see whether a host has the same release already; kept in memory only. */
    Map<String, String> fileHashes() {
        return Map.of(
                "compose.yaml", Sha256.hex(compose),
                "compose.override.yaml", Sha256.hex(override()),
                ".env", Sha256.hex(envFile().reveal()),
                "files", shipped.hash());
    }
}
