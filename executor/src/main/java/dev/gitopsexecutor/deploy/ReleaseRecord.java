package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.ProjectName;
import dev.gitopsexecutor.model.ReleaseId;
import dev.gitopsexecutor.model.ServiceName;
import java.time.Instant;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What is known of a release without opening it: the {@code release.json} beside its files.
 *
 * @param images with tag and digest
 * @param checks that it passed, or is to pass; a rollback repeats them
 * @param secrets by path in Vault, the version that was read, the newest of several
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
        Instant created,
        Optional<Instant> verified) {

    ReleaseRecord {
        images = Collections.unmodifiableSortedMap(new TreeMap<>(images));
        secrets = Collections.unmodifiableSortedMap(new TreeMap<>(secrets));
    }

    ReleaseRecord verifiedAt(Instant moment) {
        return new ReleaseRecord(
                id, environment, project, origin, images, checks, secrets, created, Optional.of(moment));
    }

    RunningVersion version() {
        return new RunningVersion(id, images);
    }
}
