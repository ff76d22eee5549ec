package dev.gitopsexecutor.ledger;

import dev.gitopsexecutor.ledger.SecretSighting.Version;
import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.model.ProjectId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The tables {@code secret_value} and {@code deployed_secret}, both ways; transactions are the caller's. */
final class SecretRows {
    private static final String FIRST =
            "SELECT first_version, first_created FROM secret_value WHERE mount = ? AND path = ? AND key = ? AND hash = ?";

    private static final String SEEN = """
            INSERT INTO secret_value (mount, path, key, hash, first_version, first_created, last_version, last_seen)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (mount, path, key, hash) DO UPDATE SET
              first_version = excluded.first_version, first_created = excluded.first_created,
              last_version = excluded.last_version, last_seen = excluded.last_seen
            """;

    private static final String DEPLOYED = """
            INSERT INTO deployed_secret
              (environment, project_id, variable, mount, path, key, hash, version, created, deployed)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """;

    private static final String OF_RELEASE = """
            INSERT OR REPLACE INTO release_secret
              (environment, project_id, variable, mount, path, key, hash, version, created, deployed, release)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """;

    /** More releases than any host keeps. */
    private static final String OUTLIVED = """
            DELETE FROM release_secret WHERE environment = ?1 AND release NOT IN
              (SELECT release FROM release_secret WHERE environment = ?1
               GROUP BY release ORDER BY MAX(deployed) DESC LIMIT 50)
            """;

    private static final String ROTATED = """
            SELECT EXISTS (
              SELECT 1 FROM secret_value AS later, secret_value AS known
              WHERE known.mount = ? AND known.path = ? AND known.key = ? AND known.hash = ?
                AND later.mount = known.mount AND later.path = known.path AND later.key = known.key
                AND later.first_version > known.last_version)
            """;

    private static final String ALL = """
            SELECT deployed_secret.*, first_version, first_created
            FROM deployed_secret LEFT JOIN secret_value USING (mount, path, key, hash)
            ORDER BY environment, project_id, variable
            """;

    private SecretRows() {}

    /** Returns the oldest version that each value is known to have been in. */
    static Map<SecretSighting, Version> see(Connection connection, Collection<SecretSighting> sightings, Instant now)
            throws SQLException {
        Map<SecretSighting, Version> firsts = new HashMap<>();
        try (PreparedStatement select = connection.prepareStatement(FIRST);
                PreparedStatement upsert = connection.prepareStatement(SEEN)) {
            for (SecretSighting sighting : sightings) {
                if (sighting.version().isPresent()) {
                    Version version = sighting.version().get();
                    Version first = Stream.concat(Stream.of(version), known(select, sighting).stream())
                            .min(Comparator.comparing(Version::created))
                            .orElseThrow();
                    fill(upsert, 1, sighting);
                    upsert.setLong(5, first.number());
                    upsert.setString(6, first.created().toString());
                    upsert.setLong(7, version.number());
                    upsert.setString(8, now.toString());
                    upsert.executeUpdate();
                    firsts.put(sighting, first);
                }
            }
        }
        return Map.copyOf(firsts);
    }

    private static Optional<Version> known(PreparedStatement select, SecretSighting sighting) throws SQLException {
        fill(select, 1, sighting);
        try (ResultSet row = select.executeQuery()) {
            return row.next() ? version(row, "first_version", "first_created") : Optional.empty();
        }
    }

    /** In place of all that the environment had before: its directory on the hosts has one project at a time. */
    static void deployed(
            Connection connection,
            EnvironmentName environment,
            ProjectId project,
            String release,
            SortedMap<EnvKey, SecretSighting> secrets,
            Instant time)
            throws SQLException {
        try (PreparedStatement delete =
                        connection.prepareStatement("DELETE FROM deployed_secret WHERE environment = ?");
                PreparedStatement current = connection.prepareStatement(DEPLOYED);
                PreparedStatement ofRelease = connection.prepareStatement(OF_RELEASE);
                PreparedStatement outlived = connection.prepareStatement(OUTLIVED)) {
            delete.setString(1, environment.value());
            delete.executeUpdate();
            insert(current, environment, project, secrets, time);
            ofRelease.setString(11, release);
            insert(ofRelease, environment, project, secrets, time);
            outlived.setString(1, environment.value());
            outlived.executeUpdate();
        }
    }

    private static void insert(
            PreparedStatement insert,
            EnvironmentName environment,
            ProjectId project,
            SortedMap<EnvKey, SecretSighting> secrets,
            Instant time)
            throws SQLException {
        for (Map.Entry<EnvKey, SecretSighting> secret : secrets.entrySet()) {
            insert.setString(1, environment.value());
            insert.setLong(2, project.value());
            insert.setString(3, secret.getKey().value());
            fill(insert, 4, secret.getValue());
            Optional<Version> version = secret.getValue().version();
            if (version.isPresent()) {
                insert.setLong(8, version.get().number());
                insert.setString(9, version.get().created().toString());
            } else {
                insert.setNull(8, Types.INTEGER);
                insert.setNull(9, Types.VARCHAR);
            }
            insert.setString(10, time.toString());
            insert.executeUpdate();
        }
    }

    static SortedMap<EnvKey, SecretSighting> of(
            Connection connection, EnvironmentName environment, ProjectId project, String release) throws SQLException {
        String query = "SELECT * FROM release_secret WHERE environment = ? AND project_id = ? AND release = ?";
        try (PreparedStatement select = connection.prepareStatement(query)) {
            select.setString(1, environment.value());
            select.setLong(2, project.value());
            select.setString(3, release);
            SortedMap<EnvKey, SecretSighting> found = new TreeMap<>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    found.put(new EnvKey(row.getString("variable")), sighting(row));
                }
            }
            return found;
        }
    }

    static boolean isRotated(Connection connection, SecretSighting secret) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(ROTATED)) {
            fill(select, 1, secret);
            try (ResultSet row = select.executeQuery()) {
                return row.getBoolean(1);
            }
        }
    }

    private static SecretSighting sighting(ResultSet row) throws SQLException {
        return new SecretSighting(
                new SecretField(row.getString("mount"), row.getString("path"), row.getString("key")),
                row.getString("hash"),
                version(row, "version", "created"));
    }

    static List<DeployedSecret> deployed(Connection connection) throws SQLException {
        List<DeployedSecret> found = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(ALL)) {
            while (row.next()) {
                found.add(new DeployedSecret(
                        new EnvironmentName(row.getString("environment")),
                        new ProjectId(row.getLong("project_id")),
                        new EnvKey(row.getString("variable")),
                        sighting(row),
                        version(row, "first_version", "first_created"),
                        Instant.parse(row.getString("deployed"))));
            }
        }
        return List.copyOf(found);
    }

    private static Optional<Version> version(ResultSet row, String number, String created) throws SQLException {
        String time = row.getString(created);
        return time == null ? Optional.empty() : Optional.of(new Version(row.getLong(number), Instant.parse(time)));
    }

    private static void fill(PreparedStatement statement, int from, SecretSighting sighting) throws SQLException {
        statement.setString(from, sighting.field().mount());
        statement.setString(from + 1, sighting.field().path());
        statement.setString(from + 2, sighting.field().key());
        statement.setString(from + 3, sighting.hash());
    }
}
