package dev.gitopsexecutor.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.deploy.DeployOutcome.RolledBack;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.model.HostName;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
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
}
