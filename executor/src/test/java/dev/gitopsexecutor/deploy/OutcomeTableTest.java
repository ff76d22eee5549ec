package dev.gitopsexecutor.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.deploy.DeployOutcome.RolledBack;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.model.ServiceName;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class OutcomeTableTest {

    @Test
    void tellsWhatWasWantedOfEachHostAndWhatRunsThere() {
        RunningVersion old = Releases.verified(1).version();
        RunningVersion wanted = Releases.unverified(2).version();
        var outcome = new RolledBack(
                wanted,
                List.of(
                        new HostOutcome(
                                new HostName("web-1"),
                                Optional.of(old),
                                Optional.of(old),
                                "rolled back: health version digest",
                                Duration.ofMillis(4040)),
                        new HostOutcome(
                                new HostName("web-10"),
                                Optional.empty(),
                                Optional.empty(),
                                "not touched",
                                Duration.ZERO)),
                new Failure(FailureCode.CHECK_FAILED, "deploy", "web-1", "health: status 503", "Correct it."));
        assertThat(String.join("\n", OutcomeTable.render(outcome))).isEqualTo("""
                HOST    VERSION   DIGEST                        NOW  CHECKS                              SECONDS
                web-1   v1 -> v2  111111111111 -> 222222222222  v1   rolled back: health version digest  4.0
                web-10  - -> v2   - -> 222222222222             -    not touched                         0.0""");
    }

    @Test
    void foldsARowOfManyServices() {
        RunningVersion old = version(10, 1);
        var outcome = new DeployOutcome.Unchanged(
                version(10, 2),
                List.of(
                        new HostOutcome(
                                new HostName("web-1"),
                                Optional.of(old),
                                Optional.of(old),
                                "health version smoke(3) digest",
                                Duration.ofMillis(4040)),
                        new HostOutcome(
                                new HostName("web-2"),
                                Optional.of(version(10, 2)),
                                Optional.empty(),
                                "not touched",
                                Duration.ZERO)));
        List<String> lines = OutcomeTable.render(outcome);
        assertThat(lines).allMatch(line -> line.length() <= 120);
        assertThat(lines.get(1)).startsWith("web-1  v1, ").endsWith("4.0");
        assertThat(lines.get(2)).startsWith("       ");
        assertThat(String.join("\n", lines)).containsPattern("\nweb-2  v2, .*0\\.0");
    }

    private static RunningVersion version(int services, int number) {
        SortedMap<ServiceName, ImageRef> images = new TreeMap<>();
        for (int service = 0; service < services; service++) {
            images.put(
                    new ServiceName("s" + service),
                    ImageRef.parse("registry.test/s:v%d%s@sha256:%064d"
                            .formatted(number, service == 0 ? "" : "-" + service, number * 100L + service)));
        }
        return new RunningVersion(Releases.id(number), images);
    }
}
