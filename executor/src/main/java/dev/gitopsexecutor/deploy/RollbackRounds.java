package dev.gitopsexecutor.deploy;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** In which order the hosts of a failed rollout go back to their last release. */
final class RollbackRounds {
    /**
     * Of the hosts, so many at once however careful the way there was: back is a release that was proven there before, and
     * until it ends the environment is mixed. A quarter is what Kubernetes takes away at once by default.
     *
     * @see <a href="https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#max-unavailable">maxUnavailable</a>
     */
    private static final int AT_LEAST_ONE_IN = 4;

    private RollbackRounds() {}

    /**
     * Rounds, one after the other. The first are all that {@code failed}: they serve nobody, and waiting gains nothing. The
     * others serve until their turn comes, the last touched first.
     *
     * @param touched in that order
     */
    static <T> List<List<T>> rounds(List<T> touched, Predicate<T> failed, int maxParallel) {
        List<T> down = touched.reversed().stream().filter(failed).toList();
        List<T> up = touched.reversed().stream().filter(failed.negate()).toList();
        int size = Math.max(maxParallel, Math.ceilDiv(touched.size(), AT_LEAST_ONE_IN));
        List<List<T>> rounds = new ArrayList<>();
        if (!down.isEmpty()) {
            rounds.add(down);
        }
        for (int from = 0; from < up.size(); from += size) {
            rounds.add(up.subList(from, Math.min(up.size(), from + size)));
        }
        return rounds;
    }
}
