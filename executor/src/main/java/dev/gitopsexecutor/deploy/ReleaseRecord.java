package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.model.CommitSha;
import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.JobId;
import dev.gitopsexecutor.model.ProjectName;
import dev.gitopsexecutor.model.ReleaseId;
import dev.gitopsexecutor.model.ServiceName;
import dev.gitopsexecutor.secrets.SecretRef;
import java.time.Instant;
import java.util.Collections;
import java.util.Comparator;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What is known of a release without opening it: the {@code release.json} beside its files.
 *
 * @param images with tag and digest
 * @param checks that it passed, or is to pass; a rollback repeats them
 * @param secrets by path in Vault, the version that was read, the newest of several
 * @param latest what a rollback on purpose to it reads anew, by name
 * @param schema of the database, as it leaves it
 * @param broughtBack by whom, when it is a copy of an earlier one with other values of {@code latest}
 * @param files hash of the files that travelled with it; empty where an earlier version wrote it, without any
 * @param verified when it passed them
 */
record ReleaseRecord(
        ReleaseId id,
        EnvironmentName environment,
        ProjectName project,
        Origin origin,
        SortedMap<ServiceName, ImageRef> images,
        CheckSpec checks,
        SortedMap<String, Long> secrets,
        SortedMap<EnvKey, SecretRef> latest,
        SchemaSpec schema,
        Optional<BroughtBack> broughtBack,
        Workload workload,
        Optional<String> files,
        Instant created,
        Optional<Instant> verified) {

    ReleaseRecord {
        images = Collections.unmodifiableSortedMap(new TreeMap<>(images));
        secrets = Collections.unmodifiableSortedMap(new TreeMap<>(secrets));
        latest = Collections.unmodifiableSortedMap(new TreeMap<>(latest));
    }

    /** By the time when they were verified last: one that came back on purpose is newer than what it replaced. */
    static final Comparator<ReleaseRecord> BY_PROOF = Comparator.comparing(
                    (ReleaseRecord release) -> release.verified().orElse(Instant.MIN))
            .thenComparing(release -> release.id().value());

    ReleaseRecord verifiedAt(Instant moment) {
        return new ReleaseRecord(
                id,
                environment,
                project,
                origin,
                images,
                checks,
                secrets,
                latest,
                schema,
                broughtBack,
                workload,
                files,
                created,
                Optional.of(moment));
    }

    /** The job that made a copy of an earlier release. */
    record BroughtBack(JobId job, long pipeline, String userLogin, ReleaseId from) {}

    /** Whether both are of one commit, as one pipeline deployed it. */
    boolean isSameContentAs(ReleaseRecord other) {
        return isOf(other.origin.pipeline(), other.origin.sha());
    }

    boolean isOf(long pipeline, CommitSha sha) {
        return origin.pipeline() == pipeline && origin.sha().equals(sha);
    }

    /** The services that stay, which are all but the jobs. */
    SortedMap<ServiceName, ImageRef> staying() {
        return workload.staying(images);
    }

    RunningVersion version() {
        return new RunningVersion(id, images);
    }
}
