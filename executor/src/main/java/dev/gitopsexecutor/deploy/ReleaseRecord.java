package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.checks.VersionPointer;
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
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What is known of a release without opening it: the {@code release.json} beside its files.
 *
 * @param broughtBack by whom, when it is a copy of an earlier one with other values of {@link ReleaseContent#latest}
 * @param verified when it passed its checks
 */
record ReleaseRecord(
        ReleaseId id,
        EnvironmentName environment,
        ProjectName project,
        Origin origin,
        ReleaseContent content,
        Optional<BroughtBack> broughtBack,
        Instant created,
        Optional<Instant> verified) {

    ReleaseRecord verifiedAt(Instant moment) {
        return new ReleaseRecord(id, environment, project, origin, content, broughtBack, created, Optional.of(moment));
    }

    /** By the time when they were verified last: one that came back on purpose is newer than what it replaced. */
    static final Comparator<ReleaseRecord> BY_PROOF = Comparator.comparing(
                    (ReleaseRecord release) -> release.verified().orElse(Instant.MIN))
            .thenComparing(release -> release.id().value());

    /**
     * The same with other values of what is read anew, not verified yet.
     *
     * @param job that makes it
     * @param versions of the secrets that were read anew, by path in Vault
     */
    ReleaseRecord copiedBy(Origin job, Map<String, Long> versions, Instant now) {
        SortedMap<String, Long> secrets = new TreeMap<>(content.secrets());
        secrets.putAll(versions);
        return new ReleaseRecord(
                Release.newId(now, origin, job.job()),
                environment,
                project,
                origin,
                content.withSecrets(secrets),
                Optional.of(new BroughtBack(job.job(), job.pipeline(), job.userLogin(), id)),
                now,
                Optional.empty());
    }

    /** The job that made a copy of an earlier release. */
    record BroughtBack(JobId job, long pipeline, String userLogin, ReleaseId from) {}

    /** Whether both are of one commit, as one pipeline deployed it. */
    boolean isOfSamePipelineAs(ReleaseRecord other) {
        return isOf(other.origin.pipeline(), other.origin.sha());
    }

    boolean isOf(long pipeline, CommitSha sha) {
        return origin.pipeline() == pipeline && origin.sha().equals(sha);
    }

    SortedMap<ServiceName, ImageRef> images() {
        return content.images();
    }

    CheckSpec checks() {
        return content.checks();
    }

    SortedMap<String, Long> secrets() {
        return content.secrets();
    }

    SortedMap<EnvKey, SecretRef> latest() {
        return content.latest();
    }

    SchemaSpec schema() {
        return content.schema();
    }

    Workload workload() {
        return content.workload();
    }

    Optional<String> files() {
        return content.files();
    }

    /** The services that stay, which are all but the jobs. */
    SortedMap<ServiceName, ImageRef> staying() {
        return workload().staying(images());
    }

    RunningVersion version() {
        return new RunningVersion(id, images());
    }

    /** What the application must call itself; empty when it is not asked. */
    Optional<VersionPointer> wantedVersion() {
        return checks().version()
                .map(spec -> new VersionPointer(
                        spec.pointer(),
                        Optional.ofNullable(images().get(spec.service()))
                                .flatMap(ImageRef::tag)
                                .orElse(""),
                        origin.sha(),
                        spec.required()));
    }
}
