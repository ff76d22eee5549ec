package dev.gitopsexecutor.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gitopsexecutor.deploy.DeployOutcome;
import dev.gitopsexecutor.deploy.Origin;
import dev.gitopsexecutor.deploy.RunningVersion;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.ledger.DeploymentRecord;
import dev.gitopsexecutor.ledger.Ledger;
import dev.gitopsexecutor.ledger.SecretField;
import dev.gitopsexecutor.ledger.SecretSighting;
import dev.gitopsexecutor.model.CommitSha;
import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.model.JobId;
import dev.gitopsexecutor.model.ProjectId;
import dev.gitopsexecutor.model.ProjectName;
import dev.gitopsexecutor.model.ReleaseId;
import dev.gitopsexecutor.policy.EnvironmentRule;
import dev.gitopsexecutor.policy.RuleBuilder;
import dev.gitopsexecutor.secrets.SecretRef;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeployRecorderTest {
    private static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");
    private static final EnvironmentRule RULE = new RuleBuilder("production").build();
    private static final EnvKey VARIABLE = new EnvKey("SESSION_KEY");
    private static final Origin ORIGIN =
            new Origin(new JobId(7), 9, new ProjectId(22), "acme/shop", new CommitSha("a".repeat(40)), 42, "dev1");
    private static final RunningVersion RELEASE = new RunningVersion(new ReleaseId("r-1"), new TreeMap<>());

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            shop/production#session_key   | 2 | 60  | true
            shop/production#session_key   | 2 | -60 | false
            shop/production#session_key   | 2 | 0   | false
            shop/production@1#session_key | 2 | 60  | false
            """)
    void refusesAValueThatWasReplacedWhileTheJobWaited(
            String wanted, long deployed, long secondsLater, boolean refused) {
        DeployRecorder recorder = recorder(false);
        recorder.read(List.of(), Optional.of(sighting(1, NOW)));
        try (Ledger ledger = Ledger.open(Ledger.in(directory))) {
            ledger.deployed(
                    RULE.name(), ORIGIN.project(), "release", sighting(deployed, NOW.plusSeconds(secondsLater)), NOW);
        }
        SortedMap<EnvKey, SecretRef> refs = new TreeMap<>(Map.of(VARIABLE, SecretRef.parse(wanted)));

        if (refused) {
            assertThatThrownBy(() -> recorder.requireNewest(refs))
                    .hasMessage(
                            "Cannot deploy with version 1 of kv/shop/production#session_key: version 2 was deployed while"
                                    + " this job waited; nothing was changed [OUTDATED]");
        } else {
            assertThatCode(() -> recorder.requireNewest(refs)).doesNotThrowAnyException();
        }
    }

    @ParameterizedTest
    @CsvSource({"false, rolled_back", "true, rotation_failed"})
    void saysOfARotationThatItsImagesWereNotInQuestion(boolean rotation, String outcome) throws Exception {
        DeployRecorder recorder = recorder(rotation);
        recorder.begin(RELEASE);
        assertThat(outcomes()).containsExactly(rotation ? "rotation_begun" : "begun");

        recorder.watch(() -> new DeployOutcome.RolledBack(RELEASE, List.of(), failure()));

        assertThat(outcomes()).containsExactly(outcome);
    }

    @Test
    void saysThatNothingChangedWhenItFailedBefore() {
        DeployRecorder recorder = recorder(true);
        recorder.begin(RELEASE);

        assertThatThrownBy(() -> recorder.watch(() -> {
                    throw new ExecutorException(failure());
                }))
                .isInstanceOf(ExecutorException.class);

        assertThat(outcomes()).containsExactly("nothing_changed");
    }

    private List<String> outcomes() {
        try (Ledger ledger = Ledger.open(Ledger.in(directory))) {
            return ledger.recent(RULE.name(), 10).stream()
                    .map(DeploymentRecord::outcome)
                    .toList();
        }
    }

    private DeployRecorder recorder(boolean rotation) {
        return new DeployRecorder(
                directory,
                new DeployRecorder.Subject(
                        RULE,
                        ORIGIN,
                        new ProjectName("shop"),
                        Optional.of(Set.of()),
                        rotation,
                        DeploymentRecord.Kind.DEPLOY),
                new Need(false, new JobLog(OutputStream.nullOutputStream(), InstantSource.fixed(NOW))),
                NOW,
                InstantSource.fixed(NOW));
    }

    private static SortedMap<EnvKey, SecretSighting> sighting(long version, Instant created) {
        return new TreeMap<>(Map.of(
                VARIABLE,
                new SecretSighting(
                        new SecretField("kv", "shop/production", "session_key"),
                        "hash-" + version,
                        Optional.of(new SecretSighting.Version(version, created)))));
    }

    private static Failure failure() {
        return new Failure(FailureCode.CHECK_FAILED, "a", "b", "c", "d");
    }
}
