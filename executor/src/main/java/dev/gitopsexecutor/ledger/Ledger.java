package dev.gitopsexecutor.ledger;

import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.Failure;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.io.AtomicFiles;
import dev.gitopsexecutor.model.CommitSha;
import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.model.ProjectId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** What was deployed, by whom, verified or not; one SQLite file that several processes share. */
public final class Ledger implements AutoCloseable {
    private static final int BUSY_TIMEOUT_MILLIS = 5000;
    private static final Set<SQLiteErrorCode> DAMAGED =
            EnumSet.of(SQLiteErrorCode.SQLITE_NOTADB, SQLiteErrorCode.SQLITE_CORRUPT);

    private final Path file;
    private final Connection connection;

    private Ledger(Path file, Connection connection) {
        this.file = file;
        this.connection = connection;
    }

    /** Where it lies in an executor's state directory. */
    public static Path in(Path stateDirectory) {
        return stateDirectory.resolve("ledger.db");
    }

    /** Creates the file, mode 0600, when it is not there; throws {@code LEDGER_FAILED}. */
    public static Ledger open(Path file) {
        try {
            create(file.toAbsolutePath());
            Connection connection = connect(file.toAbsolutePath());
            try {
                Migration.run(connection);
            } catch (IOException | SQLException failed) {
                connection.close();
                throw failed;
            }
            return new Ledger(file, connection);
        } catch (IOException | SQLException failed) {
            throw failure("open the ledger", file, failed);
        }
    }

    /** Returns once the record is on disk, in place of one of the same release and job; waits up to 5 s for other writers. */
    public void record(DeploymentRecord deployment) {
        try (PreparedStatement upsert = connection.prepareStatement(DeploymentRow.UPSERT)) {
            DeploymentRow.write(deployment, upsert);
            upsert.executeUpdate();
        } catch (SQLException failed) {
            throw failure("record the deployment", file, failed);
        }
    }

    /** The newest first. */
    public List<DeploymentRecord> recent(EnvironmentName environment, int limit) {
        return select("environment = ?", limit, environment.value());
    }

    /** Those of one project, the newest first. */
    public List<DeploymentRecord> recent(EnvironmentName environment, ProjectId project, int limit) {
        return select("environment = ? AND project_id = ?", limit, environment.value(), project.value());
    }

    /** The newest that was verified, if any was. */
    public Optional<DeploymentRecord> newestVerified(EnvironmentName environment, ProjectId project) {
        return select("environment = ? AND project_id = ? AND verified", 1, environment.value(), project.value())
                .stream()
                .findFirst();
    }

    /** The newest of that pipeline and commit that was verified, if any was. */
    public Optional<DeploymentRecord> newestVerified(
            EnvironmentName environment, ProjectId project, long pipeline, CommitSha sha) {
        return select(
                        "environment = ? AND project_id = ? AND verified AND pipeline = ? AND sha = ?",
                        1,
                        environment.value(),
                        project.value(),
                        pipeline,
                        sha.value())
                .stream()
                .findFirst();
    }

    private List<DeploymentRecord> select(String condition, int limit, Object... values) {
        String query = "SELECT * FROM deployment WHERE %s ORDER BY id DESC LIMIT %d".formatted(condition, limit);
        try (PreparedStatement select = connection.prepareStatement(query)) {
            for (int i = 0; i < values.length; i++) {
                select.setObject(i + 1, values[i]);
            }
            List<DeploymentRecord> found = new ArrayList<>();
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    found.add(DeploymentRow.read(rows));
                }
            }
            return List.copyOf(found);
        } catch (SQLException failed) {
            throw failure("read the ledger", file, failed);
        }
    }

    /**
     * Records values as seen, and returns for each the oldest version that the same value is known to have been in: a
     * rewrite with the same value is as old as the first, and so is a value that comes back. Values without a version are
     * passed over. Waits as {@link #record}.
     */
    public Map<SecretSighting, SecretSighting.Version> see(Collection<SecretSighting> sightings, Instant now) {
        return inTransaction("record the secrets that were read", () -> SecretRows.see(connection, sightings, now));
    }

    /** Whether anything was ever recorded by {@link #see}. */
    public boolean hasSeenSecrets() {
        return read(() -> {
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("SELECT EXISTS (SELECT 1 FROM secret_value)")) {
                return row.getBoolean(1);
            }
        });
    }

    /** Records what an environment has from now on, of that project, in place of all that it had; waits as {@link #record}. */
    public void deployed(
            EnvironmentName environment,
            ProjectId project,
            String release,
            SortedMap<EnvKey, SecretSighting> secrets,
            Instant time) {
        inTransaction("record the deployed secrets", () -> {
            SecretRows.deployed(connection, environment, project, release, secrets, time);
            return true;
        });
    }

    /** What a release had when it was verified, as {@link #deployed} recorded it. */
    public SortedMap<EnvKey, SecretSighting> secretsOf(EnvironmentName environment, ProjectId project, String release) {
        return read(() -> SecretRows.of(connection, environment, project, release));
    }

    /** Whether a later version with another value was seen since. */
    public boolean isRotated(SecretSighting secret) {
        return read(() -> SecretRows.isRotated(connection, secret));
    }

    /** By environment, project and variable. */
    public List<DeployedSecret> deployedSecrets() {
        return read(() -> SecretRows.deployed(connection));
    }

    private interface Work<T> {
        T run() throws SQLException;
    }

    private <T> T read(Work<T> work) {
        try {
            return work.run();
        } catch (SQLException failed) {
            throw failure("read the ledger", file, failed);
        }
    }

    private <T> T inTransaction(String tried, Work<T> work) {
        try {
            connection.setAutoCommit(false);
            try {
                T result = work.run();
                connection.commit();
                return result;
            } catch (SQLException | RuntimeException failed) {
                connection.rollback();
                throw failed;
            } finally {
                connection.setAutoCommit(true);
            }
        } catch (SQLException failed) {
            throw failure(tried, file, failed);
        }
    }

    /**
     * A new file appears with its tables and in WAL mode, or not at all: to change an empty file's mode is what SQLite
     * refuses to wait for when two processes start at once. Its side files get the mode of this one.
     */
    private static void create(Path file) throws IOException, SQLException {
        AtomicFiles.createPrivateDirectories(Objects.requireNonNull(file.getParent()));
        if (Files.notExists(file)) {
            AtomicFiles.create(file, fresh -> {
                try (Connection connection = connect(fresh)) {
                    Migration.run(connection);
                }
            });
        }
        if (!PosixFilePermissions.toString(Files.getPosixFilePermissions(file)).equals("rw-------")) {
            throw new IOException("the file's mode is not 0600");
        }
    }

    private static Connection connect(Path file) throws SQLException {
        return settings().createConnection("jdbc:sqlite:" + file);
    }

    private static SQLiteConfig settings() {
        SQLiteConfig config = new SQLiteConfig();
        config.setBusyTimeout(BUSY_TIMEOUT_MILLIS);
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
        return config;
    }

    private static ExecutorException failure(String tried, Path file, Exception cause) {
        return new ExecutorException(
                new Failure(
                        FailureCode.LEDGER_FAILED,
                        tried,
                        file.toString(),
                        String.valueOf(cause.getMessage()),
                        next(cause)),
                cause);
    }

    private static String next(Exception cause) {
        if (cause instanceof Migration.NewerFileException) {
            return "Install the newer gitops-executor again that has used this file.";
        }
        if (cause instanceof SQLiteException refused && DAMAGED.contains(refused.getResultCode())) {
            return "Put a backup back; or move the file away, with those beside it that end in -wal and -shm: the next deploy"
                    + " begins a new one, in which nothing is proven for promotion.";
        }
        return "See that the disk has space and that the executor's user owns the file with mode 0600.";
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException failed) {
            throw failure("close the ledger", file, failed);
        }
    }
}
