package dev.gitopsexecutor.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.model.CommitSha;
import dev.gitopsexecutor.model.DeployEvent;
import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.model.JobId;
import dev.gitopsexecutor.notify.Notification;
import dev.gitopsexecutor.policy.EnvironmentRule;
import dev.gitopsexecutor.policy.RuleBuilder;
import dev.gitopsexecutor.report.DeployReport;
import dev.gitopsexecutor.report.DeployReport.Kind;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnnouncementsTest {
    private static final EnvironmentRule RULE = new RuleBuilder("production").build();
    private static final Failure FAILURE = new Failure(
            FailureCode.CHECK_FAILED, "prove hunter22 healthy", "web-1", "hunter22\nstatus 503", "Read hunter22.");

    private static Notification ended(String word, boolean isGreen, Kind kind) {
        DeployReport report = new DeployReport(
                new DeployReport.Outcome(word, isGreen, kind),
                Optional.of(new DeployReport.Where(new EnvironmentName("production"), "production", Optional.empty())),
                new DeployReport.Job(
                        new JobId(102),
                        OptionalLong.of(9102),
                        Optional.of("acme/shop"),
                        new DeployReport.Commit(
                                new CommitSha("0".repeat(40)), Optional.of("Add hunter22"), Optional.of("hunter22")),
                        "refs/heads/main",
                        Optional.of("dana")),
                new DeployReport.Links(Optional.empty(), Optional.empty(), Optional.empty()),
                Optional.empty(),
                Instant.EPOCH,
                Instant.EPOCH.plusSeconds(5),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                isGreen ? Optional.empty() : Optional.of(FAILURE));
        return new Announcements(text -> text.replace("hunter22", "[MASKED]")).ended(RULE, report);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "deployed | true | DEPLOY | SUCCEEDED | false",
                "unchanged | true | DEPLOY | SUCCEEDED | false",
                "deployed | true | ROLLBACK | ROLLED_BACK | false",
                "rolled_back | false | DEPLOY | ROLLED_BACK | true",
                "canceled | false | DEPLOY | ROLLED_BACK | true",
                "no_longer_well | false | DEPLOY | DRIFT | true",
                "rolled_back | false | ROLLBACK | ROLLED_BACK | true",
                "nothing_to_roll_back_to | false | DEPLOY | FAILED | true",
                "rollback_failed | false | DEPLOY | FAILED | true",
                "overtaken | false | DEPLOY | FAILED | true",
                "mixed | false | DEPLOY | FAILED | true",
                "stopped | false | DEPLOY | FAILED | true",
                "nothing_changed | false | DEPLOY | FAILED | true",
                "unknown | false | DEPLOY | FAILED | true",
                "denied | false | DEPLOY | DENIED | false"
            })
    void eachEndIsAnEvent(String word, boolean isGreen, Kind kind, DeployEvent event, boolean isAlarming) {
        Notification notification = ended(word, isGreen, kind);

        assertThat(notification.event()).isEqualTo(event);
        assertThat(notification.isAlarming()).isEqualTo(isAlarming);
        assertThat(notification.now().isPresent()).isEqualTo(!word.equals("deployed"));
    }

    @Test
    void whatOthersWroteIsMasked() {
        assertThat(ended("rolled_back", false, Kind.DEPLOY).toString())
                .doesNotContain("hunter22")
                .contains(
                        "Add [MASKED]",
                        "Cannot prove [MASKED] healthy: [MASKED]\nstatus 503",
                        "Read [MASKED].",
                        "web-1");
    }
}
