package dev.gitopsexecutor.config;

import dev.gitopsexecutor.policy.RolloutRule;
import dev.gitopsexecutor.policy.RolloutRule.OnFailure;
import java.util.Optional;

/** The keys below {@code rollout} of an environment. */
final class RolloutReader {
    /** More hosts than any environment has. */
    private static final int MOST = 1000;

    private RolloutReader() {}

    static Optional<RolloutRule> read(YamlMap map) {
        int before = map.problems().count();
        RolloutRule common = RolloutRule.DEFAULT;
        long canary = map.optional("canary", YamlType.integer(0, MOST), (long) common.canary());
        long maxParallel = map.optional("max_parallel", YamlType.integer(1, MOST), (long) common.maxParallel());
        OnFailure onFailure = map.optional("on_failure", YamlType.oneOf(OnFailure.values()), common.onFailure());
        map.end();
        return map.problems().ifNoneSince(before, () -> new RolloutRule((int) canary, (int) maxParallel, onFailure));
    }
}
