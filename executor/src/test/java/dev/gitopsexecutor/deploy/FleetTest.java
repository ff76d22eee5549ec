package dev.gitopsexecutor.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.policy.RolloutRule;
import dev.gitopsexecutor.policy.RolloutRule.OnFailure;
import dev.gitopsexecutor.target.FakeHost;
import dev.gitopsexecutor.target.FakeHosts;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Many hosts at once, and what becomes of them when one fails. */
class FleetTest {
    private @Nullable FakeHosts fakes;

    @TempDir
    Path directory;

    @AfterEach
    void stop() {
        if (fakes != null) {
            fakes.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void leavesHostsAsThePolicyWantsThemWhenTheFourthOfSixFails(OnFailure onFailure) throws Exception {
        FakeHosts six = start(6);
        FleetWorld world = FleetWorld.of(six, new RolloutRule(1, 2, onFailure));
        world.deploy(1);
        six.host(4).crashesWith("v2");

        DeployOutcome outcome = world.deploy(2);

        System.out.println(world.log());
        OutcomeTable.render(outcome).forEach(System.out::println);
        System.out.println(outcome.failure().orElseThrow().block());
        assertThat(versions(six))
                .hasToString(
                        switch (onFailure) {
                            case ROLL_BACK -> "[v1, v1, v1, v1, v1, v1]";
                            case ROLL_BACK_FAILED -> "[v2, v2, v2, v1, v1, v1]";
                            case STOP -> "[v2, v2, v2, v2, v1, v1]";
                        });
    }

    private static List<String> versions(FakeHosts fakes) {
        return fakes.all().stream().map(FakeHost::version).toList();
    }

    private FakeHosts start(int count) {
        fakes = FakeHosts.start(count, directory);
        return fakes;
    }
}
