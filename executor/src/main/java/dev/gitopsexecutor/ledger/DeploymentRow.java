package dev.gitopsexecutor.ledger;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.gitopsexecutor.deploy.Origin;
import dev.gitopsexecutor.ledger.DeploymentRecord.Kind;
import dev.gitopsexecutor.model.CommitSha;
import dev.gitopsexecutor.model.EnvKey;
import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.model.HostName;
import dev.gitopsexecutor.model.JobId;
import dev.gitopsexecutor.model.ProjectId;
import dev.gitopsexecutor.model.ProjectName;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The columns of the table {@code deployment}, both ways. */
final class DeploymentRow {
    /** Release and job are one deployment's alone: the index of the second version of the tables. */
    static final String UPSERT = """
            INSERT INTO deployment (job, pipeline, project_id, project_path, sha, user_id, user_login,
              compose_project, environment, release, images, hosts, secrets, started, finished, outcome, verified,
              variables, kind)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (release, job) DO UPDATE SET
              images = excluded.images, hosts = excluded.hosts, secrets = excluded.secrets, finished = excluded.finished,
              outcome = excluded.outcome, verified = excluded.verified, variables = excluded.variables
            """;

    private static final JsonMapper JSON = new JsonMapper();

    private DeploymentRow() {}

    static void write(DeploymentRecord deployment, PreparedStatement insert) throws SQLException {
        Origin origin = deployment.origin();
        insert.setLong(1, origin.job().value());
        insert.setLong(2, origin.pipeline());
        insert.setLong(3, origin.project().value());
        insert.setString(4, origin.projectPath());
        insert.setString(5, origin.sha().value());
        insert.setLong(6, origin.userId());
        insert.setString(7, origin.userLogin());
        insert.setString(8, deployment.project().value());
        insert.setString(9, deployment.environment().value());
        insert.setString(10, deployment.release());
        insert.setString(11, json(new TreeMap<>(deployment.images())));
        insert.setString(
                12, json(deployment.hosts().stream().map(HostName::value).toList()));
        insert.setString(13, json(new TreeMap<>(deployment.secrets())));
        insert.setString(14, deployment.started().toString());
        insert.setString(15, deployment.finished().toString());
        insert.setString(16, deployment.outcome());
        insert.setBoolean(17, deployment.verified());
        if (deployment.variables().isPresent()) {
            insert.setString(
                    18,
                    json(deployment.variables().get().stream()
                            .map(EnvKey::value)
                            .sorted()
                            .toList()));
        } else {
            insert.setNull(18, Types.VARCHAR);
        }
        insert.setString(19, word(deployment.kind()));
    }

    static DeploymentRecord read(ResultSet row) throws SQLException {
        Origin origin = new Origin(
                new JobId(row.getLong("job")),
                row.getLong("pipeline"),
                new ProjectId(row.getLong("project_id")),
                row.getString("project_path"),
                new CommitSha(row.getString("sha")),
                row.getLong("user_id"),
                row.getString("user_login"));
        List<String> hosts = parsed(row.getString("hosts"), new TypeReference<>() {});
        Map<String, String> images = parsed(row.getString("images"), new TypeReference<>() {});
        Map<String, Long> secrets = parsed(row.getString("secrets"), new TypeReference<>() {});
        String variables = row.getString("variables");
        List<String> names = variables == null ? List.of() : parsed(variables, new TypeReference<>() {});
        return new DeploymentRecord(
                origin,
                new ProjectName(row.getString("compose_project")),
                new EnvironmentName(row.getString("environment")),
                row.getString("release"),
                images,
                hosts.stream().map(HostName::new).toList(),
                secrets,
                variables == null
                        ? Optional.empty()
                        : Optional.of(names.stream().map(EnvKey::new).collect(Collectors.toSet())),
                Instant.parse(row.getString("started")),
                Instant.parse(row.getString("finished")),
                row.getString("outcome"),
                row.getBoolean("verified"),
                row.getString("kind").equals(word(Kind.ROLLBACK)) ? Kind.ROLLBACK : Kind.DEPLOY);
    }

    private static String word(Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    private static String json(Object value) throws SQLException {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException impossible) {
            throw new SQLException(impossible);
        }
    }

    private static <T> T parsed(String text, TypeReference<T> type) throws SQLException {
        try {
            return JSON.readValue(text, type);
        } catch (JsonProcessingException damaged) {
            throw new SQLException("a row is damaged", damaged);
        }
    }
}
