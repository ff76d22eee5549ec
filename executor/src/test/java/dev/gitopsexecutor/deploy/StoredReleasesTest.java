package dev.gitopsexecutor.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.model.CommitSha;
import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.JobId;
import dev.gitopsexecutor.model.ReleaseId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class StoredReleasesTest {
    /** Ids tell when a release was written, not of which pipeline its content is. */
    private static final ReleaseRecord ONE = release("1", 1, true);

    private static final ReleaseRecord TWO = release("2", 2, true);
    private static final ReleaseRecord THREE = release("3", 3, true);

    @Test
    void undoesToWhatWasThereBefore() {
        assertThat(undone(3, host(THREE, ONE, TWO, THREE))).isEqualTo(TWO);
        assertThat(undone(2, host(TWO, ONE, TWO, THREE)))
                .as("after it was gone back to")
                .isEqualTo(ONE);
        assertRefused(
                FailureCode.OUTDATED,
                () -> undone(2, host(THREE, ONE, TWO, THREE)),
                "commit 33333333 of pipeline 3 is current",
                "Press the rollback job of pipeline 3");
        assertRefused(FailureCode.OUTDATED, () -> undone(1, host(null)), "nothing is current", "Deploy first");
        assertRefused(
                FailureCode.ROLLBACK_IMPOSSIBLE,
                () -> undone(1, host(ONE, ONE)),
                "web-1: no verified release from before pipeline 1 is there");
    }

    @Test
    void doesNotTakeACopyOrANewValueForAnotherRelease() {
        ReleaseRecord copy = release("4", 2, true);
        assertThat(undone(2, host(copy, ONE, TWO, THREE, copy)))
                .as("not forward to what was undone")
                .isEqualTo(ONE);
        assertThat(undone(3, host(THREE, TWO, copy, THREE)))
                .as("the newest of it")
                .isEqualTo(copy);
        ReleaseRecord later = release("4", 2, true, Optional.of(TWO.id()));
        assertThat(undone(2, host(later, ONE, later, THREE)))
                .as("its first one is forgotten, but for the name")
                .isEqualTo(ONE);
    }

    @Test
    void undoesWhatNeverCameToItsEnd() {
        ReleaseRecord half = release("3", 3, false);
        assertThat(undone(3, host(half, ONE, TWO, half), host(TWO, ONE, TWO))).isEqualTo(TWO);
        assertRefused(
                FailureCode.ROLLBACK_IMPOSSIBLE,
                () -> undone(3, host(half, ONE, TWO, half), host(ONE, ONE, TWO)),
                "web-2: commit 11111111 of pipeline 1 is current\nthat is neither");
        assertRefused(
                FailureCode.ROLLBACK_IMPOSSIBLE,
                () -> undone(3, host(half, ONE, TWO, half), host(half, ONE, half)),
                "web-1: has release 2 of it\nweb-2: has no verified release of commit 22222222, pipeline 2");
    }

    @Test
    void goesByTheOrderOfDeploysWhereOlderPipelinesMayCome() {
        ReleaseRecord older = release("4", 1, true);
        HostState state = host(older, TWO, THREE, older);
        assertThat(undone(1, state)).isEqualTo(THREE);
    }

    @Test
    void goesBackToWhatCameBackAndNotToWhatThatReplaced() {
        ReleaseRecord again = ONE.verifiedAt(Instant.parse("2026-01-01T02:00:00Z"));
        ReleaseRecord next = THREE.verifiedAt(Instant.parse("2026-01-01T03:00:00Z"));
        assertThat(undone(3, host(next, again, TWO, next))).isEqualTo(again);
        ReleaseRecord half = release("3", 3, false);
        assertThat(host(half, again, TWO, half).lastVerified())
                .as("what a failed deploy goes back to")
                .contains(again);
        assertThat(Retention.outlived(host(next, again, release("0", 4, true), TWO, next), new ReleaseId("5")))
                .as("what ran last is kept")
                .doesNotContain(again.id(), next.id());
    }

    @Test
    void goesToNoReleaseThatHostsRecordDifferently() {
        ReleaseRecord other = new ReleaseRecord(
                ONE.id(),
                ONE.environment(),
                ONE.project(),
                ONE.origin(),
                Releases.unverified(7).content(),
                ONE.broughtBack(),
                ONE.created(),
                ONE.verified());
        assertRefused(
                FailureCode.ROLLBACK_IMPOSSIBLE,
                () -> undone(2, host(TWO, ONE, TWO), host(TWO, other, TWO)),
                "web-1: has release 1 of it");
    }

    @Test
    void retriesWhatIsNotCurrent() {
        assertThat(retried(2, host(THREE, TWO, THREE))).contains(TWO);
        assertThat(retried(3, host(THREE, TWO, THREE))).isEmpty();
        assertThat(retried(3, host(THREE, TWO, THREE), host(TWO, TWO, THREE))).contains(THREE);
        assertRefused(
                FailureCode.ROLLBACK_IMPOSSIBLE,
                () -> retried(1, host(THREE, TWO, THREE)),
                "web-1: has no verified release of commit 11111111, pipeline 1");
        assertThat(retried(3, host(TWO, ONE, TWO)))
                .as("the newest may be deployed anew")
                .isEmpty();
    }

    private static ReleaseRecord undone(long pipeline, HostState... states) {
        return stored(pipeline, false, states).undone().record();
    }

    private static Optional<ReleaseRecord> retried(long pipeline, HostState... states) {
        return stored(pipeline, false, states).retried().map(StoredRelease::record);
    }

    private static StoredReleases stored(long pipeline, boolean outdatedAllowed, HostState... states) {
        Map<HostName, HostState> hosts = new LinkedHashMap<>();
        for (HostState state : states) {
            hosts.put(new HostName("web-" + (hosts.size() + 1)), state);
        }
        return new StoredReleases(hosts, release("any", pipeline, true).origin(), "shop in staging", outdatedAllowed);
    }

    /** Whose newest pipeline is the newest of its releases. */
    private static HostState host(@org.jspecify.annotations.Nullable ReleaseRecord current, ReleaseRecord... releases) {
        List<ReleaseRecord> all = new ArrayList<>(List.of(releases));
        return new HostState(
                Optional.ofNullable(current).map(release -> release.id().value()),
                all,
                all.stream()
                        .map(release -> HighWater.of(release.origin()))
                        .reduce((one, other) -> one.orNewer(Optional.of(other))),
                Map.of(),
                List.of(),
                List.of(),
                SchemaMark.NONE,
                ImageStock.parse(""));
    }

    private static ReleaseRecord release(String id, long pipeline, boolean verified) {
        return release(id, pipeline, verified, Optional.empty());
    }

    private static ReleaseRecord release(String id, long pipeline, boolean verified, Optional<ReleaseId> from) {
        ReleaseRecord like = verified ? Releases.verified(1) : Releases.unverified(1);
        Origin origin = like.origin();
        return new ReleaseRecord(
                new ReleaseId(id),
                like.environment(),
                like.project(),
                new Origin(
                        origin.job(),
                        pipeline,
                        origin.project(),
                        origin.projectPath(),
                        new CommitSha(Long.toString(pipeline).repeat(40)),
                        origin.userId(),
                        origin.userLogin()),
                like.content(),
                from.map(first -> new ReleaseRecord.BroughtBack(new JobId(9), pipeline, "dev1", first)),
                like.created(),
                like.verified());
    }

    private static void assertRefused(FailureCode code, ThrowingCallable work, String... texts) {
        ExecutorException refused = catchThrowableOfType(ExecutorException.class, work);
        assertThat(refused).isNotNull();
        assertThat(refused.code()).as(refused.failure().block()).isEqualTo(code);
        assertThat(refused.failure().saw() + "\n" + refused.failure().next()).contains(texts);
    }
}
