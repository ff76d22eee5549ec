package dev.gitopsexecutor.secrets;

import dev.gitopsexecutor.io.ProcessId;
import dev.gitopsexecutor.model.JobId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A token of Vault that somebody has to revoke.
 *
 * @param job that it was for; empty for one of the executor itself
 * @param holder that revokes it itself while it lives
 * @param accessor revokes it, and opens nothing
 * @param until when it ends by itself
 * @param kept for which releases it lives on; empty when it ends with its job
 */
public record HeldToken(Optional<JobId> job, ProcessId holder, String accessor, Instant until, Optional<Kept> kept) {

    /** The same until then. */
    HeldToken until(Instant end) {
        return new HeldToken(job, holder, accessor, end, kept);
    }

    /** The same, to be revoked as soon as somebody can. */
    HeldToken orphaned() {
        return new HeldToken(job, holder, accessor, until, Optional.empty());
    }

    /** The same for that use. */
    HeldToken keptFor(Kept use) {
        return new HeldToken(job, holder, accessor, until, Optional.of(use));
    }

    /**
     * What still needs the token: its leases end with it.
     *
     * @param place of the releases that are compared: environment and Compose project
     * @param releases whose env files hold the secrets
     * @param leases by their ids, when each ends unless it is renewed
     */
    public record Kept(String place, List<String> releases, SortedMap<String, Instant> leases) {
        public Kept {
            releases = List.copyOf(releases);
            leases = Collections.unmodifiableSortedMap(new TreeMap<>(leases));
        }

        /** For one release more. */
        Kept with(String release) {
            List<String> more = new ArrayList<>(releases);
            more.add(release);
            return new Kept(place, more, leases);
        }
    }
}
