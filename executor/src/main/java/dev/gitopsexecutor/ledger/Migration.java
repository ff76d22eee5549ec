package dev.gitopsexecutor.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;

/** Brings the ledger's tables to the version of this program, whoever comes first. */
final class Migration {
    private static final int VERSION = 4;

    private Migration() {}

    /** A newer program made the file. */
    static final class NewerFileException extends SQLException {
        private static final long serialVersionUID = 1L;

        NewerFileException(int version) {
            super("the file has version %d, this program knows %d".formatted(version, VERSION));
        }
    }

    static void run(Connection connection) throws SQLException, IOException {
        if (version(connection) == VERSION) {
            return;
        }
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            // Takes the write lock before the version is looked at again: two processes may start at once.
            statement.executeUpdate("PRAGMA application_id = 1735682164");
            for (int next = version(connection) + 1; next <= VERSION; next++) {
                for (String sql : script(next).split(";\n", -1)) {
                    if (!sql.isBlank()) {
                        statement.executeUpdate(sql);
                    }
                }
                statement.executeUpdate("PRAGMA user_version = " + next);
            }
            connection.commit();
        } catch (SQLException | IOException failed) {
            connection.rollback();
            throw failed;
        } finally {
            connection.setAutoCommit(true);
        }
    }

    private static int version(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("PRAGMA user_version")) {
            int version = row.getInt(1);
            if (version > VERSION) {
                throw new NewerFileException(version);
            }
            return version;
        }
    }

    private static String script(int version) throws IOException {
        String name = version + ".sql";
        try (InputStream stream = Objects.requireNonNull(Migration.class.getResourceAsStream(name), name)) {
            return new String(stream.readAllBytes(), UTF_8);
        }
    }
}
