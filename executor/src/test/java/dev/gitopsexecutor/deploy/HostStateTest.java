package dev.gitopsexecutor.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.model.CommitSha;
import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.model.JobId;
import dev.gitopsexecutor.model.ProjectId;
import dev.gitopsexecutor.model.ProjectName;
import dev.gitopsexecutor.model.ServiceName;
import dev.gitopsexecutor.secrets.SecretRef;
import dev.gitopsexecutor.secrets.SecretValue;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostStateTest {

    @Test
    void readsBackWhatWasWritten() {
        HostState state = HostState.parse(current(2) + release(Releases.verified(2)) + release(Releases.verified(1)));
        assertThat(state.releases()).containsExactly(Releases.verified(1), Releases.verified(2));
        assertThat(state.currentRelease()).contains(Releases.verified(2));
        assertThat(state.lastVerified()).contains(Releases.verified(2));
    }

    @Test
    void goesBackBehindReleaseThatWasCutOff() {
        HostState state = HostState.parse(current(3)
                + release(Releases.verified(1))
                + release(Releases.verified(2))
                + release(Releases.unverified(3)));
        assertThat(state.lastVerified()).contains(Releases.verified(2));
    }

    @Test
    void knowsWhatFailedThereAndHowFarTheDatabaseIs() {
        String record = base64(ReleaseJson.write(Releases.unverified(2)));
        String evidence =
                base64("Cannot deploy shop. [CHECK_FAILED]\n  on:   web-1\n  saw:  health: status 404\n        more\n");
        HostState state =
                HostState.parse("failed %s 1764313200 %s\nfailed %s 1764313300 \nfailed %s when %s\nfailed !!! 1 %s\n"
                                .formatted(record, evidence, record, record, evidence, evidence)
                        + "schema " + base64("{\"version\": 12, \"oldest\": 10}") + "\n");

        assertThat(state.failed()).hasSize(2);
        assertThat(state.failed().getFirst().describe())
                .isEqualTo("commit aaaaaaaa failed here at 2025-11-28T07:00:00Z: health: status 404");
        assertThat(state.failureOf(Releases.verified(1).origin().sha())
                        .orElseThrow()
                        .reason())
                .isEqualTo("nobody knows why");
        assertThat(state.failureOf(new CommitSha("b".repeat(40)))).isEmpty();
        assertThat(state.schema()).isEqualTo(new SchemaMark(12, 10));
        assertThat(HostState.parse("").schema()).isEqualTo(SchemaMark.NONE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "{\"version\": 12}", "{\"version\": \"12\", \"oldest\": 10}"})
    void refusesADamagedSchemaMark(String text) {
        assertThatThrownBy(() -> HostState.parse("schema " + base64(text) + "\n"))
                .isInstanceOfSatisfying(
                        ExecutorException.class,
                        failed -> assertThat(failed.code()).isEqualTo(FailureCode.HOST_UNSUITABLE));
    }

    @Test
    void readsBackARecordWithEverythingAndOneOfAnOlderProgram() {
        ReleaseRecord plain = Releases.verified(1);
        ReleaseRecord full = new ReleaseRecord(
                plain.id(),
                plain.environment(),
                plain.project(),
                plain.origin(),
                new ReleaseContent(
                        plain.images(),
                        plain.checks(),
                        plain.secrets(),
                        new TreeMap<>(
                                Map.of(new EnvKey("DATABASE_PASSWORD"), new SecretRef("shop/staging", "password"))),
                        new SchemaSpec(12, 10),
                        new Workload(new TreeSet<>(), new TreeMap<>(Map.of(Releases.APP, 2))),
                        plain.files()),
                Optional.of(new ReleaseRecord.BroughtBack(new JobId(5), 9, "alice", Releases.id(2))),
                plain.created(),
                plain.verified());

        assertThat(ReleaseJson.read(ReleaseJson.write(full))).contains(full);
        assertThat(ReleaseJson.write(plain)).doesNotContain("latest", "schema", "brought_back");
        assertThat(ReleaseJson.read(ReleaseJson.write(plain))).contains(plain);
        assertThat(ReleaseJson.read(ReleaseJson.write(full).replace("\"oldest\" : 10", "\"oldest\" : 13")))
                .as("nonsense is no record")
                .isEmpty();
    }

    @Test
    void hasNothingToGoBackToOnFreshHost() {
        assertThat(HostState.parse("").lastVerified()).isEmpty();
    }

    @Test
    void leavesOutWhatMakesNoSense() {
        HostState state = HostState.parse("""
                current
                release !!!
                release bm90IGpzb24=
                file compose.yaml
                container {"id":
                image nonsense
                nonsense

                """ + release(Releases.verified(1)));
        assertThat(state.releases()).containsExactly(Releases.verified(1));
        assertThat(state.current()).isEmpty();
        assertThat(state.highWater()).isEmpty();
        assertThat(state.containers()).isEmpty();
    }

    @Test
    void refusesDamagedHighWaterMark() {
        for (String damaged : List.of("high-water e30=", "high-water", "high-water !", "high-water bm90IGpzb24=")) {
            assertThatThrownBy(() -> HostState.parse(damaged + "\n"))
                    .isInstanceOfSatisfying(
                            ExecutorException.class,
                            refused -> assertThat(refused.code()).isEqualTo(FailureCode.HOST_UNSUITABLE));
        }
    }

    @Test
    void isAlreadyThereOnlyWhenFilesAndContainersAreTheReleases() {
        Release wanted = new Release(
                Releases.verified(1),
                "services: {app: {image: registry.test/shop/app}}\n",
                ShippedFiles.NONE,
                new TreeMap<>(Map.of(new EnvKey("LOG_LEVEL"), SecretValue.of("debug"))),
                List.of());
        String there = current(1) + release(Releases.verified(1)) + files(wanted.fileHashes());
        String runs = container("running") + image(1);

        assertThat(HostState.parse(there + runs).isAlready(wanted)).isTrue();
        assertThat(HostState.parse(current(1)
                                + release(withOtherChecks(Releases.verified(1)))
                                + files(wanted.fileHashes())
                                + runs)
                        .isAlready(wanted))
                .isFalse();
        assertThat(HostState.parse(there + runs)
                        .isAlready(new Release(
                                withSchema(Releases.verified(1), new SchemaSpec(12, 10)),
                                wanted.compose(),
                                ShippedFiles.NONE,
                                wanted.variables(),
                                List.of())))
                .as("the host would not know how far the database is")
                .isFalse();
        assertThat(HostState.parse(there).isAlready(wanted)).isFalse();
        assertThat(HostState.parse(there + container("exited") + image(1)).isAlready(wanted))
                .isFalse();
        assertThat(HostState.parse(there + container("running") + image(2)).isAlready(wanted))
                .isFalse();
        assertThat(HostState.parse(there + runs + "file .env 00\n").isAlready(wanted))
                .isFalse();
        assertThat(HostState.parse(current(1) + release(Releases.unverified(1)) + files(wanted.fileHashes()) + runs)
                        .isAlready(wanted))
                .isFalse();
    }

    @Test
    void isAlreadyThereWithEveryReplicaAndWhateverBecameOfItsJobs() {
        ServiceName job = new ServiceName("migrate");
        ReleaseRecord plain = Releases.verified(1);
        Workload workload = new Workload(new TreeSet<>(List.of(job)), new TreeMap<>(Map.of(Releases.APP, 2)));
        ReleaseRecord record = Releases.with(
                plain,
                new ReleaseContent(
                        new TreeMap<>(Map.of(Releases.APP, Releases.image(1), job, Releases.image(2))),
                        plain.checks(),
                        plain.secrets(),
                        plain.latest(),
                        plain.schema(),
                        workload,
                        plain.files()));
        Release wanted = new Release(record, "services: {}\n", ShippedFiles.NONE, new TreeMap<>(), List.of());
        String there = current(1) + release(record) + files(wanted.fileHashes()) + image(1);
        String runs = container("running");

        assertThat(HostState.parse(there + runs + runs).isAlready(wanted)).isTrue();
        assertThat(HostState.parse(there
                                + runs
                                + runs
                                + runs.replace("app", "migrate").replace("running", "exited"))
                        .isAlready(wanted))
                .isTrue();
        assertThat(HostState.parse(there + runs).isAlready(wanted)).isFalse();
        assertThat(HostState.parse(there + runs + runs + runs).isAlready(wanted))
                .isFalse();
        assertThat(HostState.parse(there.replace(release(record), release(plain)) + runs + runs)
                        .isAlready(wanted))
                .as("recorded as services that all stay")
                .isFalse();
        assertThat(HostState.parse(there + runs + runs + "file files changed\n").isAlready(wanted))
                .isFalse();
    }

    @Test
    void readsRecordOfAnEarlierVersion() {
        String old = ReleaseJson.write(Releases.verified(1)).replaceAll("(?m),?\n *\"(jobs|replicas|files)\" .*", "");
        assertThat(ReleaseJson.read(old).orElseThrow().workload().fits(Releases.APP, 2))
                .as("any number of replicas is as good as another")
                .isTrue();
        assertThat(Releases.verified(1).workload().fits(Releases.APP, 2)).isFalse();
        for (String lie : List.of(
                "\"deadline_seconds\" : 9000000000000000000",
                "\"health_url\" : \"http:nowhere\"",
                "\"app\" : \"registry.test/shop/app:v1\"")) {
            String key = lie.substring(0, lie.indexOf(':'));
            String lying = ReleaseJson.write(Releases.verified(1)).replaceFirst(key + ": [^,\n]*", lie);
            assertThat(lying).contains(lie);
            assertThat(ReleaseJson.read(lying)).as(lie).isEmpty();
        }
        assertThat(old).doesNotContain("jobs", "replicas", "files");
        ReleaseRecord read = ReleaseJson.read(old).orElseThrow();
        assertThat(read.workload().jobs()).isEmpty();
        assertThat(read.files()).isEmpty();
    }

    @Test
    void measuresAgesByTheHostsOwnClock() {
        assertThat(HostState.containers(container("running") + "now 2026-01-01T00:00:03.5Z\n"))
                .singleElement()
                .extracting(ContainerState::age)
                .isEqualTo(Duration.ofMillis(3500));
        assertThat(HostState.containers(container("running") + "now 2026-01-01T00:00:03.%NZ\n"))
                .as("of a date that knows no nanoseconds")
                .singleElement()
                .extracting(ContainerState::age)
                .isEqualTo(Duration.ofSeconds(3));
        assertThat(HostState.containers(container("running")))
                .as("without a time nothing is proven")
                .singleElement()
                .extracting(ContainerState::age)
                .isEqualTo(Duration.ZERO);
    }

    @Test
    void refusesReleasesOfSomebodyElse() {
        HostState state = HostState.parse(current(1) + release(Releases.verified(1)));
        ProjectId project = new ProjectId(22);
        ProjectName compose = new ProjectName("shop");
        EnvironmentName staging = new EnvironmentName("staging");
        assertThatCode(() -> state.requireReleasesOf(project, compose, staging, "web-1:/opt/shop"))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> state.requireReleasesOf(new ProjectId(23), compose, staging, "web-1:/opt/shop"))
                .isInstanceOfSatisfying(ExecutorException.class, refused -> {
                    assertThat(refused.code()).isEqualTo(FailureCode.HOST_UNSUITABLE);
                    assertThat(refused.failure().saw()).contains("is of project acme/shop (id 22)");
                });
        assertThatThrownBy(() -> state.requireReleasesOf(project, new ProjectName("shop2"), staging, "web-1"))
                .hasMessageContaining("Compose project \"shop\"");
        assertThatThrownBy(() -> state.requireReleasesOf(project, compose, new EnvironmentName("production"), "web-1"))
                .hasMessageContaining("environment \"staging\"");
    }

    @Test
    void keepsTheReleaseBeforeAndThreeInAll() {
        List<ReleaseRecord> releases = List.of(
                Releases.verified(1),
                Releases.verified(2),
                Releases.verified(3),
                Releases.unverified(4),
                Releases.unverified(5));
        StringBuilder output = new StringBuilder(current(3));
        releases.forEach(record -> output.append(release(record)));
        assertThat(Retention.outlived(HostState.parse(output.toString()), Releases.id(5)))
                .containsExactly(Releases.id(1), Releases.id(4));
    }

    @Test
    void keepsTheReleaseThatRanBeforeHoweverOldItIs() {
        StringBuilder output = new StringBuilder(current(1));
        for (int number = 1; number <= 4; number++) {
            output.append(release(Releases.verified(number)));
        }
        assertThat(Retention.outlived(HostState.parse(output.toString()), Releases.id(5)))
                .containsExactly(Releases.id(2));
    }

    private static ReleaseRecord withSchema(ReleaseRecord record, SchemaSpec schema) {
        return Releases.with(
                record,
                new ReleaseContent(
                        record.images(),
                        record.checks(),
                        record.secrets(),
                        record.latest(),
                        schema,
                        record.workload(),
                        record.files()));
    }

    private static ReleaseRecord withOtherChecks(ReleaseRecord record) {
        CheckSpec other = Releases.withoutVersion(record.checks());
        return Releases.with(
                record,
                new ReleaseContent(
                        record.images(),
                        other,
                        record.secrets(),
                        record.latest(),
                        record.schema(),
                        record.workload(),
                        record.files()));
    }

    static String current(int number) {
        return "current " + Releases.id(number) + "\n";
    }

    static String release(ReleaseRecord record) {
        return "release " + base64(ReleaseJson.write(record)) + "\n";
    }

    static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
    }

    private static String files(Map<String, String> hashes) {
        StringBuilder lines = new StringBuilder();
        hashes.forEach((name, hash) -> lines.append("file %s %s%n".formatted(name, hash)));
        return lines.toString();
    }

    static String container(String status) {
        return "container {\"id\":\"1\",\"name\":\"/shop-app-1\",\"service\":\"app\",\"image\":\"i\",\"restarts\":0,"
                + "\"state\":{\"Status\":\"%s\",\"StartedAt\":\"2026-01-01T00:00:00Z\"}}%n".formatted(status);
    }

    static String image(int number) {
        return "image {\"id\":\"i\",\"digests\":[\"registry.test/shop/app@%s\"]}%n"
                .formatted(Releases.image(number).digest().orElseThrow());
    }
}
