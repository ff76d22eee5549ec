package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.secrets.SecretRef;
import java.util.Collection;
import java.util.SortedMap;

/** A release that every host of an environment has, whole and verified, and that is not current on all of them. */
public final class StoredRelease {
    private final ReleaseRecord record;

    StoredRelease(ReleaseRecord record) {
        this.record = record;
    }

    ReleaseRecord record() {
        return record;
    }

    public RunningVersion version() {
        return record.version();
    }

    /** The job that it comes from. */
    public Origin origin() {
        return record.origin();
    }

    public Collection<ImageRef> images() {
        return record.images().values();
    }

    /** What it must not bring back as it was, but as it is in Vault today. */
    public SortedMap<EnvKey, SecretRef> latest() {
        return record.latest();
    }

    /** By path in Vault, the version that its secrets are of. */
    public SortedMap<String, Long> secrets() {
        return record.secrets();
    }

    /** {@code release 2026… (commit 1a2b3c4d, pipeline 4711, deployed at 2026-… by alice)}. */
    public String describe() {
        Origin origin = record.origin();
        return "release %s (commit %s, pipeline %d, deployed at %s by %s)"
                .formatted(
                        record.id(),
                        origin.sha().abbreviated(),
                        origin.pipeline(),
                        record.created(),
                        origin.userLogin());
    }
}
