package dev.gitopsexecutor.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.policy.RolloutRule.OnFailure;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RolloutRuleTest {

    @ParameterizedTest
    @CsvSource({
        "0, 1, 3, '[[1], [2], [3]]'",
        "0, 4, 3, '[[1, 2, 3]]'",
        "1, 2, 6, '[[1], [2, 3], [4, 5], [6]]'",
        "2, 3, 5, '[[1, 2], [3, 4, 5]]'",
        "3, 9, 2, '[[1, 2]]'"
    })
    void cutsHostsIntoWavesInTheirOrder(int canary, int maxParallel, int hosts, String waves) {
        List<Integer> all = IntStream.rangeClosed(1, hosts).boxed().toList();

        assertThat(new RolloutRule(canary, maxParallel, OnFailure.STOP).waves(all))
                .hasToString(waves);
    }
}
