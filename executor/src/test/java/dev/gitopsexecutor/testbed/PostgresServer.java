package dev.gitopsexecutor.testbed;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** A real PostgreSQL on a free loopback port, where Vault makes and drops users. Its processes end with the testbed. */
public final class PostgresServer {
    private static final String SUPERUSER = "postgres";
    /** It refuses to run as root. */
    private static final List<String> AS_ITS_USER =
            List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups");

    private final Path programs;
    private final int port;
    private final String password;

    private PostgresServer(Path programs, int port, String password) {
        this.programs = programs;
        this.port = port;
        this.password = password;
    }

    /** Blocks until it answers. */
    static PostgresServer start(WorldDirectory world, String password) throws IOException {
        PostgresServer server = new PostgresServer(programs(), FreePort.pick(), password);
        // For a user that may not look into it, but must get through it.
        Files.setPosixFilePermissions(world.path(), PosixFilePermissions.fromString("rwx--x--x"));
        Path directory = world.directory("postgres");
        Path passwordFile = directory.resolve("password");
        Files.writeString(passwordFile, password);
        Command.in(world.path(), "chown", "-R", SUPERUSER, directory.toString()).run();
        Path data = directory.resolve("data");
        server.command(
                        directory,
                        "initdb",
                        "--auth=scram-sha-256",
                        "--username=" + SUPERUSER,
                        "--pwfile=" + passwordFile,
                        "--no-sync",
                        "--pgdata=" + data)
                .run();
        List<String> words = new ArrayList<>(AS_ITS_USER);
        words.addAll(List.of(
                server.programs.resolve("postgres").toString(),
                "-D",
                data.toString(),
                "-h",
                "127.0.0.1",
                "-p",
                Integer.toString(server.port),
                "-k",
                directory.toString(),
                "-c",
                "fsync=off"));
        world.remember(new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("server.log").toFile())
                .start());
        Awaitility.await("PostgreSQL")
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(100))
                .ignoreExceptions()
                .until(() -> server.query(SUPERUSER, password, "SELECT 1").equals("1"));
        return server;
    }

    private static Path programs() throws IOException {
        try (Stream<Path> versions = Files.list(Path.of("/usr/lib/postgresql"))) {
            return versions.max(Path::compareTo).orElseThrow().resolve("bin");
        }
    }

    private Command command(Path directory, String program, String... arguments) {
        List<String> words = new ArrayList<>(AS_ITS_USER);
        words.add(programs.resolve(program).toString());
        words.addAll(List.of(arguments));
        return Command.in(directory, words.toArray(String[]::new));
    }

    /** What one statement answers, as that user; throws {@link TestbedException} when it is refused. */
    public String query(String user, String userPassword, String sql) {
        return Command.in(
                        Path.of("/"),
                        programs.resolve("psql").toString(),
                        "-h",
                        "127.0.0.1",
                        "-p",
                        Integer.toString(port),
                        "-U",
                        user,
                        "-d",
                        "postgres",
                        "-At",
                        "-c",
                        sql)
                .with(Map.of("PGPASSWORD", userPassword))
                .run()
                .strip();
    }

    /** The users that Vault made and that are still there. */
    public List<String> users() {
        return query(SUPERUSER, password, "SELECT usename FROM pg_user WHERE usename <> 'postgres' ORDER BY 1")
                .lines()
                .toList();
    }

    /** Mounts a database engine in Vault with one role, {@code database/creds/ROLE}, whose users live for that long. */
    public void mountIn(VaultServer vault, String role, String ttl) {
        if (!vault.call("GET", "sys/mounts", Map.of()).path("data").has("database/")) {
            vault.call("POST", "sys/mounts/database", Map.of("type", "database"));
            vault.call(
                    "POST",
                    "database/config/postgres",
                    Map.of(
                            "plugin_name",
                            "postgresql-database-plugin",
                            "allowed_roles",
                            "*",
                            "connection_url",
                            "postgresql://{{username}}:{{password}}@127.0.0.1:%d/postgres?sslmode=disable"
                                    .formatted(port),
                            "username",
                            SUPERUSER,
                            "password",
                            password));
        }
        vault.call(
                "POST",
                "database/roles/" + role,
                Map.of(
                        "db_name",
                        "postgres",
                        "creation_statements",
                        "CREATE ROLE \"{{name}}\" WITH LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}'",
                        "default_ttl",
                        ttl,
                        "max_ttl",
                        "720h"));
    }
}
