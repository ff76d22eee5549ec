package dev.gitopsexecutor.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.checks.CheckResult;
import dev.gitopsexecutor.checks.CheckResult.Failed;
import dev.gitopsexecutor.checks.CheckResult.Passed;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class CheckLinesTest {

    @Test
    void countsSmokeChecksThatPassedAndNamesTheOneThatFailed() {
        CheckResult failed = new Failed("smoke cart", "web-1", "status 200", "status 500", 1, Duration.ofSeconds(1));
        assertThat(CheckLines.summary(
                        List.of(passed("health"), passed("smoke login"), passed("smoke search"), passed("digest"))))
                .isEqualTo("health smoke(2) digest");
        assertThat(CheckLines.summary(List.of(passed("health"), passed("smoke login"), failed)))
                .isEqualTo("health smoke(1) smoke cart failed");
    }

    private static CheckResult passed(String check) {
        return new Passed(check, "web-1", "well", 1, Duration.ofSeconds(1));
    }
}
