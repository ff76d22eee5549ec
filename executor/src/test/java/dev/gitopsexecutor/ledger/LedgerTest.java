package dev.gitopsexecutor.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gitopsexecutor.deploy.Origin;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.model.CommitSha;
import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.JobId;
import dev.gitopsexecutor.model.ProjectId;
import dev.gitopsexecutor.model.ProjectName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerTest {
    private static final EnvironmentName STAGING = new EnvironmentName("staging");

    @TempDir
    Path directory;

    @Test
    void returnsWhatWasRecordedNewestFirst() {
        try (Ledger ledger = Ledger.open(file())) {
            ledger.record(deployment(1));
            ledger.record(deployment(2));
            ledger.record(deployment(3));
            assertThat(ledger.recent(STAGING, 2)).containsExactly(deployment(3), deployment(2));
            assertThat(ledger.recent(new EnvironmentName("production"), 2)).isEmpty();
        }
    }

    @Test
    void recordsTheEndOfADeploymentOverItsBeginning() {
        DeploymentRecord ended = deployment(1);
        DeploymentRecord begun = new DeploymentRecord(
                ended.origin(),
                ended.project(),
                ended.environment(),
                ended.release(),
                ended.images(),
                ended.hosts(),
                Map.of(),
                Optional.empty(),
                ended.started(),
                ended.started(),
                DeploymentRecord.BEGUN,
                false,
                DeploymentRecord.Kind.DEPLOY);
        try (Ledger ledger = Ledger.open(file())) {
            ledger.record(begun);
            ledger.record(deployment(2));
            assertThat(ledger.recent(STAGING, 10)).containsExactly(deployment(2), begun);
            ledger.record(ended);
            assertThat(ledger.recent(STAGING, 10)).containsExactly(deployment(2), ended);
        }
    }

    @Test
    void findsThoseOfOneProject() {
        try (Ledger ledger = Ledger.open(file())) {
            ledger.record(deployment(1));
            assertThat(ledger.recent(STAGING, new ProjectId(22), 10)).containsExactly(deployment(1));
            assertThat(ledger.recent(STAGING, new ProjectId(23), 10)).isEmpty();
        }
    }

    @Test
    void findsTheNewestThatWasVerified() {
        DeploymentRecord good = deployment(1);
        try (Ledger ledger = Ledger.open(file())) {
            assertThat(ledger.newestVerified(STAGING, new ProjectId(22))).isEmpty();
            ledger.record(good);
            ledger.record(of(2, 8, DeploymentRecord.Kind.DEPLOY, true));
            ledger.record(of(3, 7, DeploymentRecord.Kind.ROLLBACK, true));
            ledger.record(of(4, 9, DeploymentRecord.Kind.DEPLOY, false));

            assertThat(ledger.newestVerified(STAGING, new ProjectId(22)))
                    .contains(of(3, 7, DeploymentRecord.Kind.ROLLBACK, true));
            assertThat(ledger.newestVerified(
                            STAGING, new ProjectId(22), 8, good.origin().sha()))
                    .contains(of(2, 8, DeploymentRecord.Kind.DEPLOY, true));
            assertThat(ledger.newestVerified(
                            STAGING, new ProjectId(22), 9, good.origin().sha()))
                    .isEmpty();
            assertThat(ledger.newestVerified(STAGING, new ProjectId(22), 8, new CommitSha("0".repeat(40))))
                    .isEmpty();
            assertThat(ledger.newestVerified(
                            STAGING, new ProjectId(23), 8, good.origin().sha()))
                    .isEmpty();
        }
    }

    private static DeploymentRecord of(int job, long pipeline, DeploymentRecord.Kind kind, boolean verified) {
        DeploymentRecord like = deployment(job);
        Origin origin = like.origin();
        return new DeploymentRecord(
                new Origin(
                        origin.job(),
                        pipeline,
                        origin.project(),
                        origin.projectPath(),
                        origin.sha(),
                        origin.userId(),
                        origin.userLogin()),
                like.project(),
                like.environment(),
                like.release(),
                like.images(),
                like.hosts(),
                like.secrets(),
                like.variables(),
                like.started(),
                like.finished(),
                like.outcome(),
                verified,
                kind);
    }

    @Test
    void bringsAnOlderFileUpToDate() throws Exception {
        try (Ledger ledger = Ledger.open(file())) {
            ledger.record(deployment(1));
        }
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + file());
                var statement = connection.createStatement()) {
            statement.executeUpdate("DROP INDEX deployment_by_release");
            statement.executeUpdate("ALTER TABLE deployment DROP COLUMN variables");
            statement.executeUpdate("DROP TABLE secret_value");
            statement.executeUpdate("DROP TABLE deployed_secret");
            statement.executeUpdate("DROP TABLE release_secret");
            statement.executeUpdate("ALTER TABLE deployment DROP COLUMN kind");
            statement.executeUpdate("PRAGMA user_version = 1");
        }
        try (Ledger ledger = Ledger.open(file())) {
            ledger.record(deployment(1));
            assertThat(ledger.recent(STAGING, 10)).containsExactly(deployment(1));
        }
    }

    @Test
    void bringsAFileOfVersion2UpToDateWithItsRows() throws Exception {
        try (Ledger ledger = Ledger.open(file())) {
            ledger.record(deployment(1));
        }
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + file());
                var statement = connection.createStatement()) {
            statement.executeUpdate("ALTER TABLE deployment DROP COLUMN variables");
            statement.executeUpdate("DROP TABLE secret_value");
            statement.executeUpdate("DROP TABLE deployed_secret");
            statement.executeUpdate("DROP TABLE release_secret");
            statement.executeUpdate("ALTER TABLE deployment DROP COLUMN kind");
            statement.executeUpdate("PRAGMA user_version = 2");
        }
        try (Ledger ledger = Ledger.open(file())) {
            assertThat(ledger.recent(STAGING, 10)).containsExactly(deployment(1, Optional.empty()));
            assertThat(ledger.hasSeenSecrets()).isFalse();
            ledger.record(deployment(1, Optional.empty()));
            ledger.record(deployment(2));
            assertThat(ledger.recent(STAGING, 10)).containsExactly(deployment(2), deployment(1, Optional.empty()));
            ledger.record(deployment(1));
            assertThat(ledger.recent(STAGING, 10)).containsExactly(deployment(2), deployment(1));
        }
    }

    @Test
    void keepsItsFilesToItsOwner() throws IOException {
        try (Ledger ledger = Ledger.open(file())) {
            ledger.record(deployment(1));
            try (var files = Files.list(file().resolveSibling(""))) {
                assertThat(files.toList())
                        .allSatisfy(
                                file -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                                        .isEqualTo("rw-------"));
            }
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file().resolveSibling(""))))
                .isEqualTo("rwx------");
    }

    @Test
    void takesRecordsOfSeveralOpenersThatStartAtOnce() throws Exception {
        List<Callable<Void>> writers = IntStream.rangeClosed(1, 8)
                .<Callable<Void>>mapToObj(job -> () -> {
                    try (Ledger ledger = Ledger.open(file())) {
                        ledger.record(deployment(job));
                    }
                    return null;
                })
                .toList();
        try (var threads = Executors.newFixedThreadPool(8)) {
            List<Future<Void>> done = new ArrayList<>(threads.invokeAll(writers));
            for (Future<Void> one : done) {
                one.get();
            }
        }
        try (Ledger ledger = Ledger.open(file())) {
            assertThat(ledger.recent(STAGING, 100)).hasSize(8);
        }
    }

    @Test
    void refusesFileOfNewerProgram() throws Exception {
        Ledger.open(file()).close();
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + file());
                var statement = connection.createStatement()) {
            statement.executeUpdate("PRAGMA user_version = 99");
        }
        assertThatThrownBy(() -> Ledger.open(file()))
                .isInstanceOfSatisfying(
                        ExecutorException.class,
                        failed -> assertThat(failed.failure().block())
                                .contains("Cannot open the ledger. [LEDGER_FAILED]")
                                .contains("the file has version 99, this program knows 4")
                                .contains("next: Install the newer gitops-executor again"));
    }

    @Test
    void refusesFileThatOthersMayRead() throws Exception {
        Ledger.open(file()).close();
        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-r--r--"));
        assertThatThrownBy(() -> Ledger.open(file())).hasMessageContaining("the file's mode is not 0600");
    }

    @Test
    void refusesFileThatIsNoDatabase() throws Exception {
        Ledger.open(file()).close();
        Files.writeString(file(), "not a database, but long enough to be looked at by the library".repeat(20));
        assertThatThrownBy(() -> Ledger.open(file()))
                .isInstanceOfSatisfying(
                        ExecutorException.class,
                        failed -> assertThat(failed.failure().block())
                                .contains("Cannot open the ledger. [LEDGER_FAILED]")
                                .contains("next: Put a backup back; or move the file away"));
    }

    private Path file() {
        return directory.resolve("state/ledger.db");
    }

    private static DeploymentRecord deployment(int job) {
        return deployment(job, Optional.of(Set.of(new EnvKey("LOG_LEVEL"), new EnvKey("DATABASE_PASSWORD"))));
    }

    private static DeploymentRecord deployment(int job, Optional<Set<EnvKey>> variables) {
        return new DeploymentRecord(
                new Origin(
                        new JobId(job),
                        7,
                        new ProjectId(22),
                        "shop/app",
                        new CommitSha("1a2b3c4d".repeat(5)),
                        5,
                        "alice"),
                new ProjectName("shop"),
                STAGING,
                "20261124t101112z-7-1-1a2b3c4d",
                Map.of("app", "registry.example.com/shop/app:1@sha256:" + "a".repeat(64)),
                List.of(new HostName("web-2"), new HostName("web-1")),
                Map.of("shop/staging", 3L),
                variables,
                Instant.parse("2026-11-24T10:11:12.123456789Z"),
                Instant.parse("2026-11-24T10:11:20Z"),
                "deployed",
                true,
                DeploymentRecord.Kind.DEPLOY);
    }
}
