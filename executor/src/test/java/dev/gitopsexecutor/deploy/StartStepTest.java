package dev.gitopsexecutor.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.model.ServiceName;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class StartStepTest {

    @Test
    void startsAllAtOnceWithoutJobs() {
        assertThat(steps("app db", "", "app:db")).containsExactly(step("", "app db"));
    }

    @Test
    void runsJobsBeforeAnythingIsReplaced() {
        assertThat(steps("app migrate seed worker", "migrate seed", "app:migrate", "seed:migrate"))
                .containsExactly(step("migrate", ""), step("seed", ""), step("", "app worker"));
    }

    @Test
    void startsFirstOnlyWhatJobsWaitFor() {
        assertThat(steps("app cache db migrate worker", "migrate", "app:migrate", "migrate:cache", "cache:db"))
                .containsExactly(step("", "cache db"), step("migrate", "cache db"), step("", "app cache db worker"));
    }

    @Test
    void runsJobThatWaitsForWhatWaitsForAnotherJob() {
        assertThat(steps("app migrate warm worker", "migrate warm", "app:migrate", "warm:app"))
                .containsExactly(step("migrate", ""), step("", "app"), step("warm", "app"), step("", "app worker"));
    }

    @Test
    void letsNothingThatWaitsForJobStartForTheSakeOfAnother() {
        assertThat(steps("app cache migrate warm", "migrate warm", "app:migrate", "migrate:cache", "warm:app"))
                .containsExactly(
                        step("", "cache"), step("migrate", "cache"), step("", "app cache"), step("warm", "app cache"));
    }

    private static List<StartStep> steps(String services, String jobs, String... dependencies) {
        Map<ServiceName, Set<ServiceName>> dependsOn = new HashMap<>();
        for (String dependency : dependencies) {
            int colon = dependency.indexOf(':');
            dependsOn.put(new ServiceName(dependency.substring(0, colon)), names(dependency.substring(colon + 1)));
        }
        return StartStep.of(names(services), names(jobs), dependsOn);
    }

    private static StartStep step(String jobs, String services) {
        return new StartStep(names(jobs), names(services));
    }

    private static SortedSet<ServiceName> names(String text) {
        return Stream.of(text.split(" ", -1))
                .filter(name -> !name.isEmpty())
                .map(ServiceName::new)
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
