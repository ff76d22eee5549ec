package dev.gitopsexecutor.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RollbackRoundsTest {

    @Test
    void beginsWithAllThatFailedAndGoesOnWithTheLastTouched() {
        assertThat(rounds(6, Set.of(4, 5), 1)).hasToString("[[5, 4], [6, 3], [2, 1]]");
        assertThat(rounds(3, Set.of(1, 2, 3), 1)).hasToString("[[3, 2, 1]]");
        assertThat(rounds(3, Set.of(), 2)).hasToString("[[3, 2], [1]]");
        assertThat(rounds(0, Set.of(), 1)).isEmpty();
    }

    @Test
    void takesAQuarterAtOnceHoweverCarefulTheWayThereWas() {
        assertThat(rounds(200, Set.of(), 1)).hasSize(4).allMatch(round -> round.size() == 50);
        assertThat(rounds(200, Set.of(), 100)).hasSize(2);
    }

    private static List<List<Integer>> rounds(int touched, Set<Integer> failed, int maxParallel) {
        List<Integer> hosts = IntStream.rangeClosed(1, touched).boxed().toList();
        return RollbackRounds.rounds(hosts, failed::contains, maxParallel);
    }
}
