package dev.gitopsexecutor.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.model.CommitSha;
import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.JobId;
import dev.gitopsexecutor.model.ProjectId;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OutdatedTest {
    private static final CommitSha DEPLOYED = new CommitSha("d".repeat(40));
    private static final CommitSha WANTED = new CommitSha("a".repeat(40));

    private final ByteArrayOutputStream text = new ByteArrayOutputStream();
    private final JobLog log = new JobLog(
            new PrintStream(text, true, StandardCharsets.UTF_8), UnaryOperator.identity(), InstantSource.system());
    private final List<CommitSha> asked = new ArrayList<>();

    @ParameterizedTest
    @CsvSource({
        "9001, NEWER, ''",
        "8999, NEWER, ''",
        "9001, OLDER, commit aaaaaaaa is older than dddddddd",
        "8999, OLDER, commit aaaaaaaa is older than dddddddd",
        "9001, APART, ''",
        "8999, APART, 'the newer pipeline 9000 (job 7, commit dddddddd) was deployed there already'",
        "9001, UNKNOWN, ''",
        "9000, UNKNOWN, ''",
        "8999, UNKNOWN, 'the newer pipeline 9000 (job 7, commit dddddddd) was deployed there already'",
    })
    void decidesByCommitsAndByPipelinesWhereThoseDoNotTell(long pipeline, CommitOrder order, String reason) {
        Outdated outdated = outdated(WANTED, pipeline, order);
        if (reason.isEmpty()) {
            outdated.requireNewest(states());
        } else {
            assertThatThrownBy(() -> outdated.requireNewest(states()))
                    .isInstanceOfSatisfying(ExecutorException.class, refused -> {
                        assertThat(refused.code()).isEqualTo(FailureCode.OUTDATED);
                        assertThat(refused.failure().saw()).contains(reason).endsWith("; nothing was changed");
                    });
        }
    }

    @ParameterizedTest
    @CsvSource({"8999", "9001"})
    void letsTheSameCommitComeAgainWithoutAsking(long pipeline) {
        outdated(DEPLOYED, pipeline, CommitOrder.OLDER).requireNewest(states());
        assertThat(asked).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"8999, 1", "9001, 0"})
    void asksOnceAndSaysWhyAnOlderPipelineMayCome(long pipeline, int lines) {
        Outdated outdated = outdated(WANTED, pipeline, CommitOrder.NEWER);
        outdated.learn(states());
        outdated.requireNewest(states());
        outdated.requireNewest(states());
        assertThat(asked).containsExactly(DEPLOYED);
        assertThat(text.toString(StandardCharsets.UTF_8).lines())
                .filteredOn(line -> line.contains("pipeline 8999 is older than 9000, but its commit is newer"))
                .hasSize(lines);
    }

    @ParameterizedTest
    @CsvSource({"NEWER, aaaaaaaa", "APART, dddddddd"})
    void notesTheNewerCommitUnderTheHigherNumber(CommitOrder order, String noted) {
        Outdated outdated = outdated(WANTED, 8999, order);
        outdated.learn(states());
        HighWater after = outdated.after(new HighWater(9000, new JobId(7), DEPLOYED));
        assertThat(after.pipeline()).isEqualTo(9000);
        assertThat(after.sha().abbreviated()).isEqualTo(noted);
    }

    private Outdated outdated(CommitSha sha, long pipeline, CommitOrder order) {
        Origin origin = new Origin(new JobId(8), pipeline, new ProjectId(22), "acme/shop", sha, 42, "dev1");
        return new Outdated(
                origin,
                deployed -> {
                    asked.add(deployed);
                    return order;
                },
                log);
    }

    private static Map<HostName, HostState> states() {
        String deployed = new HighWater(9000, new JobId(7), DEPLOYED).json();
        String told = "high-water " + Base64.getEncoder().encodeToString(deployed.getBytes(StandardCharsets.UTF_8));
        return Map.of(new HostName("web-1"), HostState.parse(told), new HostName("web-2"), HostState.parse(""));
    }
}
