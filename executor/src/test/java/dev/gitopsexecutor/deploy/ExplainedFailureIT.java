package dev.gitopsexecutor.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.gitopsexecutor.testbed.DeployEnvironment;
import dev.gitopsexecutor.testbed.RealParts;
import dev.gitopsexecutor.testbed.Testbed;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a real engine tells of containers that are not well, as the log of a failed deploy shows it. */
@RealParts
class ExplainedFailureIT {

    static Stream<Arguments> failures() {
        return Stream.of(
                arguments(
                        "its own health check",
                        "healthcheck: {test: [CMD-SHELL, \"echo no database here; exit 1\"], interval: 1s, retries: 2}",
                        List.of(
                                "container \"\\S+\" is running, its health check says unhealthy",
                                "started \\d+ s ago",
                                "its health check says unhealthy, failed (once|\\d times in a row):",
                                "exit code 1, \\d s ago: no database here",
                                "it logged nothing")),
                arguments(
                        "memory",
                        """
                        command: [sh, -c, "echo filling up; tail /dev/zero"]
                            mem_limit: 16m
                            memswap_limit: 16m""",
                        List.of(
                                "container \"\\S+\" is exited with exit code 137 \\(killed: out of memory\\)",
                                "started \\d+ s ago, ended \\d+ s ago",
                                "its last log line:",
                                "\\| filling up")),
                arguments(
                        "SIGKILL",
                        "command: [sh, -c, \"sh -c 'kill -9 $$$$'; exit $$?\"]",
                        List.of(
                                "container \"\\S+\" is exited with exit code 137 \\(killed: SIGKILL\\)",
                                "started \\d+ s ago, ended \\d+ s ago")),
                arguments(
                        "a log that nobody can read",
                        """
                        command: [sh, -c, "exit 3"]
                            logging: {driver: none}""",
                        List.of(
                                "container \"\\S+\" is exited with exit code 3",
                                "its log cannot be read \\(log driver \"none\"\\): .*does not support reading")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("failures")
    void explainsWhatEndedIt(String what, String service, List<String> seen, Testbed testbed) throws Exception {
        DeployEnvironment environment = testbed.newEnvironment("explained").create();
        DeployWorld world = new DeployWorld(testbed, environment);
        world.compose(world.compose().replace("restart: unless-stopped", service));

        DeployOutcome outcome = world.deploy(environment.release());

        assertThat(outcome.failure()).as(what).isPresent();
        assertThat(world.log()).containsPattern("(?s)" + String.join(".*", seen));
    }
}
