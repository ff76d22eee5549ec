package dev.gitopsexecutor.policy;

import java.util.ArrayList;
import java.util.List;

/**
 * How a release comes to the hosts of an environment: wave after wave, each only when the one before is proven.
 *
 * @param canary hosts of a first wave of their own; 0 for none
 * @param maxParallel hosts of every other wave, at least 1
 */
public record RolloutRule(int canary, int maxParallel, OnFailure onFailure) {
    /** One host after the other, and all of them back when one fails. */
    public static final RolloutRule DEFAULT = new RolloutRule(0, 1, OnFailure.ROLL_BACK);

    /** What becomes of hosts that were changed when one of them fails. */
    public enum OnFailure {
        /** Every one goes back to its last verified release. */
        ROLL_BACK,
        /** Those that failed go back; those that were proven keep the new release. */
        ROLL_BACK_FAILED,
        /** All stay as they are, for an operator to look at. */
        STOP
    }

    public RolloutRule {
        if (canary < 0 || maxParallel < 1) {
            throw new IllegalArgumentException(
                    "a canary of %d, waves of %d hosts: write at least 0 and 1".formatted(canary, maxParallel));
        }
    }

    /** {@code hosts} in their order, cut into waves, none of them empty. */
    public <T> List<List<T>> waves(List<T> hosts) {
        List<List<T>> waves = new ArrayList<>();
        int first = Math.min(canary, hosts.size());
        if (first > 0) {
            waves.add(List.copyOf(hosts.subList(0, first)));
        }
        for (int from = first; from < hosts.size(); from += maxParallel) {
            waves.add(List.copyOf(hosts.subList(from, Math.min(hosts.size(), from + maxParallel))));
        }
        return List.copyOf(waves);
    }
}
