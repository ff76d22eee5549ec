package dev.gitopsexecutor.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.model.Role;
import dev.gitopsexecutor.sandbox.Control.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The probe of {@code doctor --sandbox}, in a job's containers and in one as the runner's own executor starts it. */
class ProbeIT {
    private static final Path PAGE = Path.of("../docs/sandbox.md");
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private static RealSandbox real;

    @BeforeAll
    static void start() {
        real = new RealSandbox().start();
    }

    @AfterAll
    static void remove() {
        if (real != null) {
            real.close();
        }
    }

    @ParameterizedTest
    @EnumSource(Role.class)
    void everyControlHoldsThatTheMachineHas(Role role) {
        List<Control.Seen> found = real.sandbox.look(RealSandbox.JOB, role);

        assertThat(with(found, Verdict.FAILED)).as(found.toString()).isEmpty();
        EnumSet<Control> mayBeOpen = EnumSet.of(Control.USER_NAMESPACE, Control.APPARMOR, Control.MEMORY);
        if (role == Role.HELPER) {
            mayBeOpen.add(Control.NETWORK);
        }
        assertThat(mayBeOpen).as(found.toString()).containsAll(with(found, Verdict.OPEN));
        assertThat(found)
                .contains(
                        new Control.Seen(Control.SECCOMP, Verdict.HELD, "a filter; 22 calls that must be refused are"));
    }

    /** As the docker executor does with a plain {@code image:} and nothing else in config.toml. */
    @Test
    void runnersOwnExecutorFailsMostOfThemAsThePageSays() throws IOException {
        String name = "gitops-%s-plain".formatted(real.settings.instance());
        real.engine.call(
                "create",
                LIMIT,
                docker -> docker.createContainerCmd(RealSandbox.JOB_IMAGE.toString())
                        .withName(name)
                        .withCmd("sleep", "600")
                        .exec());
        try {
            real.engine.call("start", LIMIT, docker -> {
                docker.startContainerCmd(name).exec();
                return true;
            });
            List<Control.Seen> found = real.look(name, "0:0");

            Set<String> failed =
                    with(found, Verdict.FAILED).stream().map(Control::title).collect(Collectors.toSet());
            assertThat(failed).as(found.toString()).isEqualTo(failedByThePage());
        } finally {
            real.engine.call("remove", LIMIT, docker -> {
                docker.removeContainerCmd(name).withForce(true).exec();
                return true;
            });
        }
    }

    @Test
    void pageHasARowForEachControl() throws IOException {
        assertThat(rows().stream().map(row -> row.get(0)))
                .containsExactly(
                        Arrays.stream(Control.values()).map(Control::title).toArray(String[]::new));
    }

    private static Set<Control> with(List<Control.Seen> found, Verdict verdict) {
        return found.stream()
                .filter(seen -> seen.verdict() == verdict)
                .map(Control.Seen::control)
                .collect(Collectors.toSet());
    }

    /** Whose column of the docker executor says "no". */
    private static Set<String> failedByThePage() throws IOException {
        return rows().stream()
                .filter(row -> row.get(1).startsWith("no"))
                .map(row -> row.get(0))
                .collect(Collectors.toSet());
    }

    private static List<List<String>> rows() throws IOException {
        return Files.readAllLines(PAGE).stream()
                .filter(line -> line.startsWith("| "))
                .map(line -> List.of(line.substring(2).split(" \\| ", -1)))
                .dropWhile(row -> !row.get(0).equals("control"))
                .skip(1)
                .takeWhile(row -> row.size() > 2)
                .filter(row -> !row.get(0).startsWith("-"))
                .toList();
    }
}
