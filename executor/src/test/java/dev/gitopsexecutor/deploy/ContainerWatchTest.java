package dev.gitopsexecutor.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.checks.CheckResult.Failed;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.ServiceName;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContainerWatchTest {
    private static final String DIGEST = "sha256:" + "a".repeat(64);
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:10Z");
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Duration STABILITY = Duration.ofSeconds(2);

    private final ContainerWatch watch = watch(new Workload(new TreeSet<>(), new TreeMap<>()));

    @Test
    void missesServiceWithoutContainer() {
        assertThat(watch.missing(List.of(), STABILITY)).contains("service app has no container");
    }

    @Test
    void missesNothingWhenAllRunLongEnough() {
        assertThat(watch.missing(List.of(container("running", 0, LONG, "")), STABILITY))
                .isEmpty();
    }

    @Test
    void missesContainerThatHasJustStarted() {
        assertThat(watch.missing(List.of(container("running", 0, Duration.ofSeconds(1), "")), STABILITY))
                .isPresent();
    }

    @Test
    void missesContainerWhoseOwnCheckIsNotHealthyYet() {
        assertThat(watch.missing(List.of(container("running", 0, LONG, "starting")), STABILITY))
                .contains("container \"shop-app-1\" is running, its health check says starting");
    }

    @ParameterizedTest
    @ValueSource(strings = {"exited", "dead", "restarting"})
    void givesUpOnContainerThatIsDown(String status) {
        Failed failed =
                watch.fatal(List.of(container(status, 0, LONG, "")), NOW).orElseThrow();
        assertThat(failed.lastSeen()).startsWith("container \"shop-app-1\" is " + status);
    }

    @Test
    void givesUpOnContainerWhoseOwnCheckFails() {
        assertThat(watch.fatal(List.of(container("running", 0, LONG, "unhealthy")), NOW))
                .isPresent();
    }

    @Test
    void givesUpOnSecondRestartWhileItWatchesAndNotOnEarlierOnes() {
        assertThat(watch.fatal(List.of(container("running", 7, LONG, "")), NOW)).isEmpty();
        assertThat(watch.fatal(List.of(container("running", 8, LONG, "")), NOW)).isEmpty();
        assertThat(watch.fatal(List.of(container("running", 9, LONG, "")), NOW))
                .get()
                .extracting(Failed::lastSeen)
                .isEqualTo("container \"shop-app-1\" is running, restarted 9 times");
    }

    @Test
    void leavesOtherServicesAlone() {
        ContainerState other = new ContainerState(
                "2", "shop-db-1", "db", "exited", 1, false, 9, LONG, "unhealthy", List.of("other@" + DIGEST), Set.of());
        ContainerState ours = container("running", 0, LONG, "");
        assertThat(watch.fatal(List.of(other, ours), NOW)).isEmpty();
        assertThat(watch.missing(List.of(other, ours), STABILITY)).isEmpty();
        assertThat(watch.wrongImage(List.of(other, ours), NOW)).isEmpty();
        assertThat(watch.suspects(List.of(other, ours), 80)).containsExactly(ours);
    }

    @Test
    void namesImageThatRunsInsteadOfTheRelease() {
        ContainerState foreign = new ContainerState(
                "1", "shop-app-1", "app", "running", 0, false, 0, LONG, "", List.of("shop/app@sha256:other"), Set.of());
        Optional<Failed> failed = watch.wrongImage(List.of(foreign), NOW);
        assertThat(failed.orElseThrow().describe())
                .startsWith("digest: container \"shop-app-1\" runs shop/app@sha256:other\n")
                .contains("wanted: registry.test/shop/app:7@" + DIGEST);
    }

    @Test
    void describesWhatKilledContainer() {
        ContainerState killed =
                new ContainerState("1", "shop-app-1", "app", "exited", 137, true, 1, LONG, "", List.of(), Set.of());
        assertThat(killed.describe()).isEqualTo("exited with exit code 137 (killed: out of memory), restarted once");
    }

    @Test
    void wantsExactlyAsManyContainersAsTheReleaseHas() {
        ServiceName app = new ServiceName("app");
        ContainerWatch three = watch(new Workload(new TreeSet<>(), new TreeMap<>(Map.of(app, 3))));
        ContainerState up = container("running", 0, LONG, "");
        assertThat(three.missing(List.of(), STABILITY)).contains("service app has no container");
        assertThat(three.missing(List.of(up, up), STABILITY)).contains("service app has 2 containers, wants 3");
        assertThat(three.missing(List.of(up, up, up, up), STABILITY)).contains("service app has 4 containers, wants 3");
        assertThat(three.missing(List.of(up, up, up), STABILITY)).isEmpty();
        assertThat(three.missing(List.of(up, up, container("created", 0, LONG, "")), STABILITY))
                .contains("container \"shop-app-1\" is created");
        assertThat(watch.missing(List.of(up, up), STABILITY)).contains("service app has 2 containers, wants 1");
    }

    @Test
    void waitsForTheEndOfJobAndNotForItsStability() {
        ContainerWatch job = watch(new Workload(new TreeSet<>(List.of(new ServiceName("app"))), new TreeMap<>()));
        for (String status : List.of("created", "running", "restarting")) {
            List<ContainerState> runs = List.of(container(status, 5, LONG, "unhealthy"));
            assertThat(job.fatal(runs, NOW)).isEmpty();
            assertThat(job.missing(runs, STABILITY)).contains("job \"app\" has not ended");
        }
        List<ContainerState> ended = List.of(container("exited", 0, Duration.ZERO, ""));
        assertThat(job.fatal(ended, NOW)).isEmpty();
        assertThat(job.missing(ended, STABILITY)).isEmpty();
        assertThat(job.missing(List.of(), STABILITY)).contains("service app has no container");
        assertThat(job.timedOut("job \"app\" has not ended", NOW).describe())
                .startsWith("job: job \"app\" has not ended\nwanted: ended with exit code 0");
    }

    @Test
    void givesUpOnJobThatFailed() {
        ContainerWatch job = watch(new Workload(new TreeSet<>(List.of(new ServiceName("app"))), new TreeMap<>()));
        ContainerState failed =
                new ContainerState("1", "shop-app-1", "app", "exited", 3, false, 0, LONG, "", List.of(), Set.of());
        assertThat(job.fatal(List.of(failed), NOW).orElseThrow().describe())
                .startsWith("job: container \"shop-app-1\" exited with exit code 3\nwanted: ended with exit code 0");
        assertThat(job.suspects(List.of(container("exited", 0, LONG, ""), failed), 80))
                .containsExactly(failed);
    }

    @Test
    void suspectsTheWorstFirstAndElseWhoAnswersAtThePort() {
        ContainerState well = container("running", 0, LONG, "healthy");
        ContainerState unhealthy = container("running", 0, LONG, "unhealthy");
        ContainerState restarting = container("restarting", 3, LONG, "");
        ContainerState killed = killed();
        ContainerState listening = new ContainerState(
                "2", "shop-app-2", "app", "running", 0, false, 0, LONG, "", well.digests(), Set.of(8080));
        assertThat(watch.suspects(List.of(unhealthy, well, restarting, killed), 8080))
                .containsExactly(killed, restarting, unhealthy);
        assertThat(watch.suspects(List.of(well, listening), 8080)).containsExactly(listening);
        assertThat(watch.suspects(List.of(well, listening), 80)).containsExactly(well);
        assertThat(watch.suspects(List.of(), 80)).isEmpty();
    }

    @Test
    void suspectsWhatHasRestartedWhileItWatched() {
        ContainerState well = new ContainerState(
                "2", "shop-app-2", "app", "running", 0, false, 0, LONG, "", well().digests(), Set.of());
        assertThat(watch.fatal(List.of(well, container("running", 0, LONG, "")), NOW))
                .isEmpty();
        ContainerState again = container("running", 2, LONG, "");
        assertThat(watch.suspects(List.of(well, again), 80)).containsExactly(again);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            137 | exited with exit code 137 (killed: SIGKILL)
            139 | exited with exit code 139 (crashed: SIGSEGV)
            143 | exited with exit code 143 (asked to end: SIGTERM)
            127 | exited with exit code 127 (its command was not found)
            126 | exited with exit code 126 (its command cannot be run)
            3   | exited with exit code 3
            """)
    void saysWhatAnExitCodeMeansWhereThatIsFixed(int exitCode, String described) {
        ContainerState exited = new ContainerState(
                "1", "shop-app-1", "app", "exited", exitCode, false, 0, LONG, "", List.of(), Set.of());
        assertThat(exited.describe()).isEqualTo(described);
    }

    private static ContainerState well() {
        return container("running", 0, LONG, "");
    }

    private static ContainerState killed() {
        return new ContainerState(
                "3", "shop-app-3", "app", "exited", 137, true, 0, LONG, "", well().digests(), Set.of());
    }

    private static ContainerWatch watch(Workload workload) {
        return new ContainerWatch(
                "web-1",
                new TreeMap<>(Map.of(new ServiceName("app"), ImageRef.parse("registry.test/shop/app:7@" + DIGEST))),
                workload,
                NOW.minusSeconds(5));
    }

    private static ContainerState container(String status, int restarts, Duration age, String health) {
        return new ContainerState(
                "1",
                "shop-app-1",
                "app",
                status,
                0,
                false,
                restarts,
                age,
                health,
                List.of("registry.test/shop/app@" + DIGEST),
                Set.of());
    }
}
