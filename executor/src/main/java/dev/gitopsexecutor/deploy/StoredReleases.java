package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.model.CommitSha;
import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.ReleaseId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the hosts of an environment could go back to, and which of it a job means. Hosts go back to one release together or
 * not at all. Changes nothing and asks nobody.
 */
final class StoredReleases {
    private final Map<HostName, HostState> states;
    private final Origin job;
    private final String place;
    private final boolean outdatedAllowed;

    /**
     * @param states in the order of the policy, releases of this project and environment alone
     * @param job that wants to go back
     * @param place for messages: {@code shop in staging}
     * @param outdatedAllowed whether an older pipeline may have been deployed over a newer one
     */
    StoredReleases(Map<HostName, HostState> states, Origin job, String place, boolean outdatedAllowed) {
        this.states = states;
        this.job = job;
        this.place = place;
        this.outdatedAllowed = outdatedAllowed;
    }

    /**
     * What the job's own pipeline deployed; empty when that is current, or is to be deployed anew because the hosts have it
     * not and no newer pipeline was there.
     *
     * @throws ExecutorException {@code ROLLBACK_IMPOSSIBLE} or {@code SCHEMA_TOO_OLD}
     */
    Optional<StoredRelease> retried() {
        Predicate<ReleaseRecord> mine = release -> release.isOf(job.pipeline(), job.sha());
        boolean current = states.values().stream()
                .allMatch(state -> state.currentRelease()
                        .filter(mine)
                        .filter(StoredReleases::isVerified)
                        .isPresent());
        if (current) {
            return Optional.empty();
        }
        Optional<ReleaseRecord> common = newestOnAll(mine);
        boolean isNewest = states.values().stream()
                .allMatch(state -> state.highWater()
                        .filter(mark ->
                                mark.pipeline() > job.pipeline() && !mark.sha().equals(job.sha()))
                        .isEmpty());
        if (common.isEmpty() && (isNewest || outdatedAllowed)) {
            return Optional.empty();
        }
        return Optional.of(
                stored(
                        common.orElseThrow(
                                () -> impossible(
                                        lacking(job.pipeline(), job.sha()),
                                        "Run a new pipeline for the commit that you want there, or retry a deploy job whose release the hosts have."))));
    }

    /**
     * What ran before the job's pipeline deployed, whether or not that came to its end: of the releases that came before it,
     * the one that was verified last.
     *
     * @throws ExecutorException {@code OUTDATED} when that is not current anywhere; {@code ROLLBACK_IMPOSSIBLE} or
     *     {@code SCHEMA_TOO_OLD}
     */
    StoredRelease undone() {
        ReleaseRecord mine = states.values().stream()
                .flatMap(state -> state.currentRelease().stream())
                .filter(release -> release.isOf(job.pipeline(), job.sha()))
                .findFirst()
                .orElseThrow(this::notMine);
        String since = firstId(mine);
        ReleaseRecord wanted = all().stream()
                .filter(StoredReleases::isVerified)
                .filter(release -> !release.isOfSamePipelineAs(mine))
                .filter(release -> firstId(release).compareTo(since) < 0)
                .max(ReleaseRecord.BY_PROOF)
                .orElseThrow(() -> impossible(
                        eachHost(state ->
                                "no verified release from before pipeline %d is there".formatted(job.pipeline())),
                        "Correct the application and push: there is nothing to go back to."));
        Origin content = wanted.origin();
        requireNoThird(mine, wanted);
        return stored(
                newestOnAll(release -> release.isOfSamePipelineAs(wanted))
                        .orElseThrow(
                                () -> impossible(
                                        lacking(content.pipeline(), content.sha()),
                                        "Revert the commit and push; or retry the deploy job of another pipeline whose release all hosts have.")));
    }

    /** Another release on another host is nobody's to undo from here. */
    private void requireNoThird(ReleaseRecord mine, ReleaseRecord wanted) {
        List<String> others = new ArrayList<>();
        states.forEach((host, state) -> {
            Optional<ReleaseRecord> current = state.currentRelease();
            if (current.filter(release -> release.isOfSamePipelineAs(mine) || release.isOfSamePipelineAs(wanted))
                    .isEmpty()) {
                others.add("%s: %s".formatted(host, shown(state)));
            }
        });
        if (!others.isEmpty()) {
            throw impossible(
                    String.join("\n", others)
                            + "\nthat is neither what pipeline %d deployed nor what was before it"
                                    .formatted(job.pipeline()),
                    "Deploy to all hosts first, then go back; or retry the deploy job of the pipeline that you want.");
        }
    }

    private ExecutorException notMine() {
        Optional<ReleaseRecord> now = states.values().stream()
                .flatMap(state -> state.currentRelease().stream())
                .findFirst();
        return new ExecutorException(new Failure(
                FailureCode.OUTDATED,
                "undo what pipeline %d deployed".formatted(job.pipeline()),
                place,
                eachHost(StoredReleases::shown) + "\nnothing was changed",
                now.map(release ->
                                ("Press the rollback job of pipeline %d to undo that; or retry the deploy job of the pipeline"
                                                + " whose release you want.")
                                        .formatted(release.origin().pipeline()))
                        .orElse("Deploy first: nothing of ours is there.")));
    }

    private static String shown(HostState state) {
        return state.currentRelease()
                .map(release -> "commit %s of pipeline %d is current"
                        .formatted(
                                release.origin().sha().abbreviated(),
                                release.origin().pipeline()))
                .orElseGet(() -> state.current()
                        .map(name -> "release %s is current, and has no readable release.json".formatted(name))
                        .orElse("nothing is current"));
    }

    private StoredRelease stored(ReleaseRecord release) {
        SchemaGuard.require(release, states);
        return new StoredRelease(release);
    }

    /** Only where the records agree in all but the time of the proof: one host alone decides nothing for the others. */
    private Optional<ReleaseRecord> newestOnAll(Predicate<ReleaseRecord> wanted) {
        return all().stream()
                .filter(wanted)
                .filter(release -> states.values().stream()
                        .allMatch(state -> state.release(release.id())
                                .filter(StoredReleases::isVerified)
                                .filter(other ->
                                        other.verifiedAt(Instant.EPOCH).equals(release.verifiedAt(Instant.EPOCH)))
                                .isPresent()))
                .max(Comparator.comparing(release -> release.id().value()));
    }

    /** When its commit first came, as far as the hosts remember: copies and new values of secrets have ids of their own. */
    private String firstId(ReleaseRecord release) {
        return all().stream()
                .filter(release::isOfSamePipelineAs)
                .flatMap(same -> Stream.concat(Stream.of(same.id()), same.broughtBack().map(by -> by.from()).stream()))
                .map(ReleaseId::value)
                .min(Comparator.naturalOrder())
                .orElseThrow();
    }

    private Collection<ReleaseRecord> all() {
        return states.values().stream()
                .flatMap(state -> state.releases().stream())
                .toList();
    }

    private String lacking(long pipeline, CommitSha sha) {
        return eachHost(state -> state.releases().stream()
                .filter(release -> release.isOf(pipeline, sha) && isVerified(release))
                .max(Comparator.comparing(release -> release.id().value()))
                .map(release -> "has release %s of it".formatted(release.id()))
                .or(() -> state.failureOf(sha).map(FailedMark::describe))
                .orElseGet(() ->
                        "has no verified release of commit %s, pipeline %d".formatted(sha.abbreviated(), pipeline)));
    }

    private interface Telling {
        String of(HostState state);
    }

    private String eachHost(Telling telling) {
        return states.keySet().stream()
                .map(host -> "%s: %s".formatted(host, telling.of(Objects.requireNonNull(states.get(host)))))
                .collect(Collectors.joining("\n"));
    }

    private ExecutorException impossible(String saw, String next) {
        return new ExecutorException(new Failure(
                FailureCode.ROLLBACK_IMPOSSIBLE,
                "go back to an earlier release",
                place,
                saw + "\nnothing was changed",
                next));
    }

    private static boolean isVerified(ReleaseRecord release) {
        return release.verified().isPresent();
    }
}
